package import SwiftletTensors

/// How keys and values are kept.
public enum CacheType: String, Sendable, CaseIterable {
    case f16, f32, q8_0

    package var elementType: ElementType {
        switch self {
        case .f16: .f16
        case .f32: .f32
        case .q8_0: .q8_0
        }
    }
}

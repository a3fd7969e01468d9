import CAllocationCounter
import Foundation
import SwiftletEngine
import SwiftletModels
import SwiftletTensors
import SwiftletTokenizers
import Testing

/// What steady generation allocates: nothing in a model step. Counted by standing in for malloc, in the whole process.
///
/// `SWIFTLET_ALLOCATION_SITES=1` prints who allocated.
@Suite(.serialized, .enabled(if: allocation_counter_works() == 1 && Shared.isPresent)) struct AllocationTests {
    /// Steps of one token after the first few, which size the memory that is kept.
    @Test(arguments: ["llama-dense", "qwen2-dense", "gemma2-dense", "llama-moe"], [CacheType.f16, .q8_0])
    func steadyStepsAllocateNothing(_ name: String, _ type: CacheType) async throws {
        let model = try LanguageModel(contentsOf: Shared.url("conformance/architectures/\(name).gguf"))
        guard model.configuration.headSize % type.elementType.blockSize == 0 else { return }
        let engine = Engine(model, options: EngineOptions(threads: 2))
        let session = try await engine.makeSession(cacheType: type)
        let token: [TokenID] = [5]
        let count = try await engine.perform { engine in
            try engine.advance(session, by: (0..<9).map { TokenID($0) })
            for _ in 0..<8 { try engine.advance(session, by: token) }
            return try Self.allocations(of: "\(name) \(type)") {
                for _ in 0..<16 { try engine.advance(session, by: token) }
            }
        }
        #expect(count == 0, "\(count) allocations in 16 steps")
    }

    /// Calls `body`; prints the sites where that is asked for.
    static func allocations(of name: String, _ body: () throws -> Void) rethrows -> Int {
        let shown = ProcessInfo.processInfo.environment["SWIFTLET_ALLOCATION_SITES"] != nil
        allocation_counter_start(shown ? 4096 : 0)
        defer { _ = allocation_counter_stop() }
        try body()
        let count = Int(allocation_counter_stop())
        if shown {
            print("\(name): \(count) allocations")
            for (site, times) in sites().sorted(by: { $0.value > $1.value }).prefix(40) {
                print("  \(times) x \(site)")
            }
        }
        return count
    }

    private static func sites() -> [String: Int] {
        var sites: [String: Int] = [:]
        var addresses = [UnsafeMutableRawPointer?](repeating: nil, count: 20), bytes = 0
        for index in 0..<4096 {
            let depth = allocation_counter_site(index, &addresses, addresses.count, &bytes)
            guard depth > 0 else { break }
            let names = addresses.prefix(Int(depth)).map { String(cString: allocation_counter_name($0)) }
            let own = names.filter { $0.contains("Swiftlet") }.prefix(3)
            sites["\(bytes) bytes: " + own.joined(separator: " < "), default: 0] += 1
        }
        return sites
    }
}

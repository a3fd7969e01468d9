import SwiftletGround
import SwiftletQuantizer
import SwiftletTensors
import Testing

@Suite struct FileTypeTests {
    @Test(arguments: [
        ("Q4_K_M", FileType.q4_K_M), ("q4_k", .q4_K_M), ("Q5_K", .q5_K_M), ("q3_k", .q3_K_M), ("15", .q4_K_M),
        ("0", .f32), ("iq4_xs", .iq4_XS), ("MXFP4_MOE", .mxfp4_MOE), ("copy", .copy), ("41", .q2_0), ("bf16", .bf16),
    ]) func names(_ text: String, _ expected: FileType) throws {
        #expect(try FileType(named: text) == expected)
    }

    @Test(arguments: ["", "Q9", "4", "-1", "99999999999", "Q4_K_M ", "NVFP4", "39"]) func wrongNames(_ text: String) {
        #expect(throws: QuantizerError.self) { try FileType(named: text) }
    }

    @Test func idsAndNamesAreUnique() throws {
        let ids = FileType.allCases.compactMap(\.id)
        #expect(Set(ids).count == ids.count && ids.count == FileType.allCases.count - 1)
        for type in FileType.allCases { #expect(try FileType(named: type.name) == type) }
    }
}

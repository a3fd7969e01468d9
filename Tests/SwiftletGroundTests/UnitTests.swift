import SwiftletGround
import Testing

struct UnitTests {
    @Test(arguments: [
        ("1", 1), ("1000000", 1_000_000), ("5GB", 5_000_000_000), ("1.5 GiB", 1_610_612_736), ("2kib", 2048),
    ])
    func sizes(_ text: String, _ bytes: Int) { #expect(ByteSize(parsing: text)?.bytes == bytes) }

    @Test(arguments: ["", "0", "-1", "1XB", "GB", "1e30", "99999999TB", "nan", "1.2.3"])
    func noSizes(_ text: String) { #expect(ByteSize(parsing: text) == nil) }

    @Test(arguments: [(1, "1"), (4_000_000_000, "4GB"), (67_108_864, "64MiB"), (1536, "1536"), (1 << 40, "1TiB")])
    func sizesAsText(_ bytes: Int, _ text: String) {
        #expect(ByteSize(bytes).description == text)
        #expect(ByteSize(parsing: text)?.bytes == bytes)
    }

    @Test(arguments: [
        ("90", 90.0), ("90s", 90), ("5m", 300), ("1h30m", 5400), ("30d", 2_592_000), ("2w", 1_209_600), ("0", 0),
        ("1.5s", 1.5), ("250ms", 0.25), ("1y", 31_536_000),
    ])
    func times(_ text: String, _ seconds: Double) { #expect(TimeSpan(parsing: text)?.duration == .seconds(seconds)) }

    @Test(arguments: ["", "-1", "-5m", "soon", "1x", "101y", "inf", "nan", "5m!", "m"])
    func noTimes(_ text: String) { #expect(TimeSpan(parsing: text) == nil) }

    @Test(arguments: [
        (0.0, "0s"), (90, "1m30s"), (300, "5m"), (5400, "1h30m"), (86400, "1d"), (90000, "25h"), (1.5, "1.5s"),
    ])
    func timesAsText(_ seconds: Double, _ text: String) {
        #expect(TimeSpan(.seconds(seconds)).description == text)
        #expect(TimeSpan(parsing: text)?.duration == .seconds(seconds))
    }
}

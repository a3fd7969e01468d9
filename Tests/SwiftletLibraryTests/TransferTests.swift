import SwiftletLibrary
import Testing

/// The pure half of downloads: what each answer means, without a server.
@Suite struct TransferTests {
    private func transfer(total: Int? = nil, digest: Bool = false, have: Int = 0, validator: String? = nil) -> Transfer
    {
        let saved = validator.map { Transfer.Saved(address: "a", validator: $0, total: nil) }
        return Transfer(address: "a", total: total, hasDigest: digest, have: have, saved: saved)
    }

    private func answer(
        _ transfer: inout Transfer, _ status: Int, _ headers: [String: String] = [:]
    ) -> Transfer.Action {
        transfer.receive(status: status) { headers[$0] }
    }

    @Test func asksForAllWithoutAnythingSafeToContinue() {
        #expect(transfer().requestHeaders.isEmpty)
        // Bytes whose version nobody knows are not continued.
        #expect(transfer(have: 10).requestHeaders.isEmpty)
    }

    @Test func continuesWithTheValidatorOrTheDigest() {
        let byTag = transfer(have: 10, validator: "\"x\"").requestHeaders
        #expect(byTag.map(\.name) == ["Range", "If-Range"])
        #expect(byTag.map(\.value) == ["bytes=10-", "\"x\""])
        #expect(transfer(digest: true, have: 10).requestHeaders.map(\.value) == ["bytes=10-"])
    }

    @Test func forgetsBytesOfAnotherAddress() {
        let saved = Transfer.Saved(address: "b", validator: "\"x\"", total: 20)
        let transfer = Transfer(address: "a", total: nil, hasDigest: false, have: 10, saved: saved)
        #expect(transfer.have == 0)
        #expect(transfer.total == nil)
    }

    @Test func startsOverWhenTheServerSendsAll() {
        var transfer = transfer(have: 10, validator: "\"x\"")
        #expect(answer(&transfer, 200, ["content-length": "30", "etag": "\"y\""]) == .startOver)
        #expect(transfer.have == 0 && transfer.total == 30 && transfer.validator == "\"y\"")
    }

    @Test func appendsOnlyWhatFits() {
        var good = transfer(have: 10, validator: "\"x\"")
        #expect(answer(&good, 206, ["content-range": "bytes 10-29/30", "etag": "\"x\""]) == .append)
        #expect(good.total == 30)
        var shifted = transfer(have: 10, validator: "\"x\"")
        #expect(answer(&shifted, 206, ["content-range": "bytes 0-29/30"]) == .askAgain)
        var changed = transfer(have: 10, validator: "\"x\"")
        #expect(answer(&changed, 206, ["content-range": "bytes 10-29/30", "etag": "\"z\""]) == .askAgain)
        var nonsense = transfer(have: 10, validator: "\"x\"")
        #expect(answer(&nonsense, 206, ["content-range": "bytes 10-"]) == .askAgain)
    }

    @Test func refusesSizesThatWereNotPromised() {
        var whole = transfer(total: 30)
        guard case .refuse(.checksum, _, _) = answer(&whole, 200, ["content-length": "31"]) else {
            return #expect(Bool(false), "a wrong Content-Length passed")
        }
        var part = transfer(total: 30, digest: true, have: 10)
        guard case .refuse(.checksum, _, _) = answer(&part, 206, ["content-range": "bytes 10-30/31"]) else {
            return #expect(Bool(false), "a wrong Content-Range passed")
        }
    }

    @Test func knowsTheEnd() {
        var whole = transfer(digest: true, have: 30)
        #expect(answer(&whole, 416, ["content-range": "bytes */30"]) == .complete)
        var tooLong = transfer(digest: true, have: 30)
        #expect(answer(&tooLong, 416, ["content-range": "bytes */20"]) == .askAgain)
        #expect(transfer(total: 30, digest: true, have: 30).isComplete)
        #expect(transfer(total: 20, digest: true, have: 30).have == 0)
    }

    @Test(arguments: [408, 425, 429, 500, 502, 503, 504])
    func retriesWhatMayPass(status: Int) {
        var transfer = transfer()
        guard case .retry(let seconds, _) = answer(&transfer, status, ["retry-after": "7"]) else {
            return #expect(Bool(false), "\(status) is not retried")
        }
        #expect(seconds == 7)
        guard case .retry(60, _) = answer(&transfer, status, ["retry-after": "99999999"]) else {
            return #expect(Bool(false), "a long Retry-After is not bounded")
        }
    }

    @Test(arguments: [
        "bytes 5-4/9", "bytes -1-4/9", "bytes 0-9/9", "bytes a-b/c", "items 0-1/2", "bytes 0-1", "", "bytes",
    ])
    func refusesWrongRanges(text: String) {
        #expect(Transfer.parseRange(text) == nil)
    }

    @Test func parsesRanges() {
        #expect(Transfer.parseRange("bytes 1-2/3")?.first == 1)
        #expect(Transfer.parseRange("Bytes 1-2/*")?.total == nil)
        #expect(Transfer.parseRange("bytes */9223372036854775807")?.total == .max)
    }
}

import SwiftletGround
import Testing

private enum SampleDomain: FailureDomain {}

@Suite struct FailureTests {
    @Test func describesPlaceProblemCauseAndAdvice() {
        let inner = Failure<SampleDomain>(
            .init("short"), "12 bytes are missing", at: "offset 40", advice: "Download it again")
        #expect(inner.description == "offset 40: 12 bytes are missing. Download it again")
        #expect(inner.within("a.gguf").description == "a.gguf, offset 40: 12 bytes are missing. Download it again")
        let outer = Failure<SampleDomain>(.init("load"), "cannot load the model", cause: inner)
        #expect(outer.description == "cannot load the model (offset 40: 12 bytes are missing. Download it again)")
    }
}

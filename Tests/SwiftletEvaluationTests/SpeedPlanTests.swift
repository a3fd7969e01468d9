import SwiftletEngine
import SwiftletEvaluation
import Testing

/// Options of `swiftlet bench` become tests as llama-bench's do.
@Suite struct SpeedPlanTests {
    @Test(arguments: [
        ("512", [512]), ("0", [0]), ("128,256", [128, 256]), ("1-4", [1, 2, 3, 4]), ("16-64+16", [16, 32, 48, 64]),
        ("1-64*2", [1, 2, 4, 8, 16, 32, 64]), ("1,8-10,3", [1, 8, 9, 10, 3]), ("5-3", []), ("1-10*3", [1, 3, 9]),
        ("999999999", [999_999_999]), ("999999998-999999999", [999_999_998, 999_999_999]),
    ]) func lists(_ text: String, _ numbers: [Int]) throws {
        #expect(try CountList.parse(text) == numbers)
    }

    @Test(arguments: [
        "", "-", "a", "1,", ",1", "1-", "-1", "1-4+", "1-4/2", "1-4+0", "1-4*1", "0-4*2", "1 2", "1-2-3", "+1", "1.5",
        "١",
        "9999999999", "0-999999999", "1-10000,1-10000",
    ]) func badLists(_ text: String) {
        #expect(throws: EvaluationError.self) { try CountList.parse(text) }
    }

    @Test func pairs() throws {
        #expect(try CountList.pair("512,128") == (512, 128))
        for text in ["512", "512,", "512,128,1", "a,b", "1-2,3", ""] {
            #expect(throws: EvaluationError.self) { _ = try CountList.pair(text) }
        }
    }

    @Test func everyCombinationInOrder() {
        var plan = SpeedPlan(threads: [1, 2])
        (plan.prompts, plan.generations, plan.pairs) = ([512, 0], [128], [(64, 16), (0, 0)])
        (plan.depths, plan.cacheTypes, plan.batches) = ([0, 4096], [.f16, .q8_0], [256, 512])
        let tests = plan.tests
        #expect(tests.count == 2 * 2 * 2 * 2 * 3)
        #expect(
            tests.prefix(6).map(\.name) == [
                "pp512", "tg128", "pp64+tg16", "pp512 @ d4096", "tg128 @ d4096", "pp64+tg16 @ d4096",
            ])
        #expect(tests[6].threads == 2 && tests[5].threads == 1)
        #expect(tests[12].cacheType == .q8_0 && tests[11].cacheType == .f16)
        #expect(tests[24].batch == 512 && tests[23].batch == 256)
        #expect(Set(tests).count == tests.count)
    }

    @Test func severalSequencesGenerateOnly() {
        var plan = SpeedPlan(threads: [2])
        plan.sequences = [1, 8]
        #expect(plan.tests.map(\.name) == ["pp512", "tg128", "tg128 x8"])
        #expect(plan.tests.map(\.tokens) == [512, 128, 1024])
    }

    @Test func smallerBatchIsTheStep() {
        var test = SpeedTest(prompt: 512, generation: 0, threads: 1)
        (test.batch, test.microBatch) = (2048, 256)
        #expect(test.step == 256)
        test.batch = 64
        #expect(test.step == 64)
    }
}

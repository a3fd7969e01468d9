import SwiftletGround

/// What answers may be bound by; grammars come with the next change.
final class ConstraintCache: Sendable {
    func constraint(
        for format: AnswerFormat, calls: CallPlan, reasoningEnd: String?
    ) throws -> (any TokenConstraint)? {
        guard format == .text, !calls.isForced else {
            throw EngineError(.unsupported, "the form of an answer cannot be bound yet")
        }
        return nil
    }
}

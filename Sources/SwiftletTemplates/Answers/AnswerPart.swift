/// One piece of a model's answer, in the order in which it was written.
///
/// Texts of one kind follow each other and are to be joined; calls are numbered from 0. The arguments of a call are
/// one JSON object.
public enum AnswerPart: Sendable, Hashable {
    case reasoning(String)
    case content(String)
    case toolCallStart(index: Int, name: String)
    case toolCallArguments(index: Int, String)
    case toolCallEnd(index: Int)
}

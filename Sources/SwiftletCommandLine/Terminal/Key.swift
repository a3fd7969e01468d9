/// What a person can do to a line with one key.
enum Key: Equatable {
    case text(String)
    /// Text that came as one piece: its line breaks do not send it.
    case paste(String)
    case enter, newLine, tab
    case backspace, delete
    case left, right, up, down, wordLeft, wordRight, home, end
    case killToEnd, killToStart, killWordBack, killWordForward, yank, transpose
    case clearScreen, interrupt, endOfFile, suspend
}

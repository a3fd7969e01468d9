/// Makes keys of the bytes that a terminal sends: UTF-8, control keys, the escape sequences of xterm and its kin (VT220
/// and SS3 cursor keys, modifiers, bracketed paste).
///
/// Unknown sequences are swallowed whole; bytes that are not UTF-8 become U+FFFD.
struct KeyDecoder {
    private enum State {
        case ground
        case character(needed: Int)
        case escape
        case singleShift
        case sequence
        case paste
    }

    private var state = State.ground
    private var pending: [UInt8] = []

    /// Inside a sequence: a lone escape key is only told from its beginning by what follows.
    var isInsideSequence: Bool { if case .ground = state { false } else { true } }

    /// Takes one byte; returns the key that it completes.
    mutating func take(_ byte: UInt8) -> Key? {
        switch state {
        case .ground: return ground(byte)
        case .character(let needed): return character(byte, needed: needed)
        case .escape: return escape(byte)
        case .singleShift:
            state = .ground
            return Self.cursorKey(byte, modified: false)
        case .sequence: return sequence(byte)
        case .paste: return paste(byte)
        }
    }

    private mutating func ground(_ byte: UInt8) -> Key? {
        switch byte {
        case 0x1B:
            state = .escape
            return nil
        case 0x00..<0x20, 0x7F: return Self.control(byte)
        case 0x20..<0x7F: return .text(String(UnicodeScalar(byte)))
        case 0xC2..<0xE0: return begin(byte, needed: 1)
        case 0xE0..<0xF0: return begin(byte, needed: 2)
        case 0xF0..<0xF5: return begin(byte, needed: 3)
        default: return .text("\u{FFFD}")
        }
    }

    private mutating func begin(_ byte: UInt8, needed: Int) -> Key? {
        pending = [byte]
        state = .character(needed: needed)
        return nil
    }

    private mutating func character(_ byte: UInt8, needed: Int) -> Key? {
        guard byte & 0xC0 == 0x80 else {
            // The character was cut short: what came belongs to the next key.
            state = .ground
            pending = []
            return ground(byte) ?? .text("\u{FFFD}")
        }
        pending.append(byte)
        guard needed == 1 else {
            state = .character(needed: needed - 1)
            return nil
        }
        state = .ground
        defer { pending = [] }
        return .text(String(decoding: pending, as: UTF8.self))
    }

    private static func control(_ byte: UInt8) -> Key? {
        switch byte {
        case 0x01: .home
        case 0x02: .left
        case 0x03: .interrupt
        case 0x04: .endOfFile
        case 0x05: .end
        case 0x06: .right
        case 0x08, 0x7F: .backspace
        case 0x09: .tab
        case 0x0A, 0x0D: .enter
        case 0x0B: .killToEnd
        case 0x0C: .clearScreen
        case 0x0E: .down
        case 0x10: .up
        case 0x14: .transpose
        case 0x15: .killToStart
        case 0x17: .killWordBack
        case 0x19: .yank
        case 0x1A: .suspend
        default: nil
        }
    }

    private mutating func escape(_ byte: UInt8) -> Key? {
        state = .ground
        switch byte {
        case UInt8(ascii: "["):
            pending = []
            state = .sequence
            return nil
        case UInt8(ascii: "O"):
            state = .singleShift
            return nil
        case 0x1B:
            state = .escape
            return nil
        case UInt8(ascii: "b"), UInt8(ascii: "B"): return .wordLeft
        case UInt8(ascii: "f"), UInt8(ascii: "F"): return .wordRight
        case UInt8(ascii: "d"), UInt8(ascii: "D"): return .killWordForward
        case 0x08, 0x7F: return .killWordBack
        case 0x0A, 0x0D: return .newLine
        default: return nil
        }
    }

    private mutating func sequence(_ byte: UInt8) -> Key? {
        guard byte >= 0x40, byte <= 0x7E else {
            // Longer sequences than any terminal's are kept out of memory.
            if pending.count < 64 { pending.append(byte) }
            return nil
        }
        state = .ground
        let fields = String(decoding: pending, as: UTF8.self).split(separator: ";", omittingEmptySubsequences: false)
        pending = []
        let modified = fields.count > 1 && ["3", "5", "7"].contains(fields[1])
        guard byte == UInt8(ascii: "~") else { return Self.cursorKey(byte, modified: modified) }
        switch fields.first {
        case "1", "7": return .home
        case "3": return modified ? .killWordForward : .delete
        case "4", "8": return .end
        case "200":
            state = .paste
            return nil
        default: return nil
        }
    }

    private static func cursorKey(_ byte: UInt8, modified: Bool) -> Key? {
        switch byte {
        case UInt8(ascii: "A"): .up
        case UInt8(ascii: "B"): .down
        case UInt8(ascii: "C"): modified ? .wordRight : .right
        case UInt8(ascii: "D"): modified ? .wordLeft : .left
        case UInt8(ascii: "F"): .end
        case UInt8(ascii: "H"): .home
        case UInt8(ascii: "M"): .enter
        default: nil
        }
    }

    private static let endOfPaste = Array("\u{1B}[201~".utf8)

    private mutating func paste(_ byte: UInt8) -> Key? {
        pending.append(byte)
        guard byte == UInt8(ascii: "~"), pending.suffix(Self.endOfPaste.count).elementsEqual(Self.endOfPaste) else {
            return nil
        }
        let text = String(decoding: pending.dropLast(Self.endOfPaste.count), as: UTF8.self)
        state = .ground
        pending = []
        // Terminals send line breaks as the Enter key does.
        return .paste(text.replacing("\r\n", with: "\n").replacing("\r", with: "\n"))
    }
}

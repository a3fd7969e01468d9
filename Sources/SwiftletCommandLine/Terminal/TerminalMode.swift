import Foundation

/// How the terminal on standard input treats keys, and its own settings back at every end of the program.
enum TerminalMode {
    /// Keys come one by one and unseen; Ctrl-C and Ctrl-Z are keys.
    case editing
    /// Keys wait unseen for the next prompt; Ctrl-C is a signal.
    case answering
    /// What the user's shell had set.
    case original

    /// Both ends are a terminal that can move its cursor.
    static var isInteractive: Bool {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { return false }
        return ProcessInfo.processInfo.environment["TERM"].map { $0 != "dumb" && !$0.isEmpty } ?? false
    }

    /// Columns and rows; 80 x 24 where the terminal does not say.
    static var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Switches the terminal; does nothing where there is none. Keys typed ahead are kept.
    func activate() {
        guard saveSettings() else { return }
        var settings = savedSettings
        switch self {
        case .original: break
        case .editing:
            settings.c_iflag &= ~tcflag_t(BRKINT | ICRNL | INPCK | ISTRIP | IXON)
            settings.c_lflag &= ~tcflag_t(ECHO | ICANON | IEXTEN | ISIG)
        case .answering:
            settings.c_lflag &= ~tcflag_t(ECHO | ICANON | IEXTEN)
        }
        tcsetattr(STDIN_FILENO, TCSADRAIN, &settings)
        isChanged = if case .original = self { 0 } else { 1 }
    }
}

// Written before the first change and by one thread only; the signal handler below reads them.
private nonisolated(unsafe) var savedSettings = termios()
private nonisolated(unsafe) var hasSaved = false
private nonisolated(unsafe) var isChanged: sig_atomic_t = 0

/// Keeps the shell's settings once, and arranges that they come back however the program ends.
private func saveSettings() -> Bool {
    if hasSaved { return true }
    guard tcgetattr(STDIN_FILENO, &savedSettings) == 0 else { return false }
    hasSaved = true
    atexit { restoreSettings() }
    for number in [SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE] {
        signal(number) { number in
            restoreSettings()
            signal(number, SIG_DFL)
            raise(number)
        }
    }
    // The shell may have changed what it likes while we were stopped.
    signal(SIGTSTP) { _ in
        let wasChanged = isChanged
        var current = termios()
        tcgetattr(STDIN_FILENO, &current)
        restoreSettings()
        raise(SIGSTOP)
        if wasChanged != 0 { tcsetattr(STDIN_FILENO, TCSADRAIN, &current) }
        isChanged = wasChanged
    }
    return true
}

/// Only calls that POSIX allows in a signal handler.
private func restoreSettings() {
    guard isChanged != 0 else { return }
    tcsetattr(STDIN_FILENO, TCSADRAIN, &savedSettings)
    isChanged = 0
}

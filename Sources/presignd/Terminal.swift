// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// Standard output and standard error, written whole and at once.
///
/// While something is drawn on the terminal (`show`), whatever else is written there comes above it.
enum Terminal {
    private static let live = Mutex(LiveArea())
    private static let lost = Mutex<String?>(nil)

    /// Why something did not get to standard output, if it did not.
    static var outputProblem: String? { lost.withLock { $0 } }

    /// Writes a line to standard output.
    static func say(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    /// Writes a line to standard error.
    static func complain(_ text: String) { write("presignd: \(text)\n", to: STDERR_FILENO) }

    /// Writes bytes to a descriptor; gives up when nobody reads any more.
    static func write(_ bytes: some Sequence<UInt8>, to descriptor: Int32) {
        live.withLock { live in
            if Continuation.hasHappened() { live.leave() }
            let drawn = live.lines
            guard !drawn.isEmpty, isOnScreen(descriptor) else {
                return put(bytes, to: descriptor)
            }
            let width = size().width
            put(live.erase(width: width).utf8, to: STDERR_FILENO)
            put(bytes, to: descriptor)
            put(live.draw(drawn, width: width).utf8, to: STDERR_FILENO)
        }
    }

    private static func write(_ text: String, to descriptor: Int32) {
        write(text.utf8, to: descriptor)
    }

    private static func put(_ bytes: some Sequence<UInt8>, to descriptor: Int32) {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                // A reader that has seen enough (`| head -1`) is none.
                if descriptor == STDOUT_FILENO, errno != EPIPE {
                    let reason = unsafe String(cString: strerror(errno))
                    lost.withLock { $0 = $0 ?? reason }
                }
                return
            }
            rest = rest.dropFirst(count)
        }
    }
}

/// What is drawn on the terminal behind standard error.
extension Terminal {
    /// Whether standard error is a terminal on which lines can be drawn over.
    static func canDraw(term: String?) -> Bool {
        guard let term, !term.isEmpty, term != "dumb" else { return false }
        return isatty(STDERR_FILENO) == 1
    }

    /// Draws lines below all that was written, in place of those drawn before; none takes them away.
    ///
    /// Nothing is drawn while another program has the terminal (the shell, after Ctrl-Z and `bg`).
    static func show(_ lines: [String]) {
        live.withLock { live in
            if Continuation.hasHappened() { live.leave() }
            guard tcgetpgrp(STDERR_FILENO) == getpgrp() || lines.isEmpty else { return }
            put(live.draw(lines, width: size().width).utf8, to: STDERR_FILENO)
        }
    }

    /// Whether standard output is the terminal that is drawn on.
    static var isOutputOnScreen: Bool { isOnScreen(STDOUT_FILENO) }

    /// The terminal's size; 80 by 24 where it does not tell.
    static func size() -> (width: Int, height: Int) {
        var size = winsize()
        let answer = unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size)
        guard answer == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// The columns of the terminal behind a descriptor; nothing where it does not tell.
    static func columns(of descriptor: Int32) -> Int? {
        var size = winsize()
        let answer = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size)
        return answer == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
    }

    private static func isOnScreen(_ descriptor: Int32) -> Bool {
        guard descriptor != STDERR_FILENO else { return true }
        var (own, screen) = (stat(), stat())
        return unsafe isatty(descriptor) == 1 && fstat(descriptor, &own) == 0
            && fstat(STDERR_FILENO, &screen) == 0 && own.st_rdev == screen.st_rdev
    }
}

// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Jobs

/// A QR code for a terminal, as `qrencode` draws it.
///
/// The URL goes to its standard input, in memory: arguments are for everybody on the machine to see.
enum QRCode {
    /// Far more than drawing one takes.
    private static let limit = Duration.seconds(10)

    /// Draws a text, as lines that end with line feeds.
    ///
    /// On a terminal it is black on white whatever the colours there are, and no wider than the
    /// terminal; elsewhere it has no colours, and is right where light text stands on dark ground.
    ///
    /// - Throws: `CommandFailure` when there is no `qrencode`, or the code is too large.
    static func drawn(_ text: String) throws(CommandFailure) -> [UInt8] {
        let isScreen = isatty(STDOUT_FILENO) == 1
        // The least redundancy, and half the usual margin: a link is long, and a terminal narrow.
        let words = [
            "qrencode", "-t", isScreen ? "ANSIUTF8" : "UTF8", "-l", "L", "-m", "2", "-o", "-",
        ]
        let (output, status) = try run(words, input: Array(text.utf8))
        guard status == 0 else {
            let reason = String(decoding: output, as: UTF8.self)
                .split(whereSeparator: \.isNewline).first.map(String.init)
            throw .failed(
                "qrencode could not draw the link (\(text.utf8.count) bytes): "
                    + (reason ?? "it ended with status \(status)")
            )
        }
        let width = columns(of: output.prefix { $0 != UInt8(ascii: "\n") })
        if isScreen, let most = Terminal.columns(of: STDOUT_FILENO), width > most {
            throw .failed(
                "the QR code is \(width) columns wide and this terminal \(most); make it wider, or "
                    + "its letters smaller"
            )
        }
        return output
    }

    /// The columns that a drawn line takes: its characters without the sequences that colour it.
    private static func columns(of line: some Sequence<UInt8>) -> Int {
        var count = 0
        var isEscape = false
        for byte in line {
            if byte == 0x1b {
                isEscape = true
            } else if isEscape {
                isEscape = byte != UInt8(ascii: "m")
            } else if byte & 0xc0 != 0x80 {
                count += 1
            }
        }
        return count
    }

    private static func run(
        _ words: [String],
        input: [UInt8]
    ) throws(CommandFailure) -> (output: [UInt8], status: Int32) {
        var child: Int32 = 0
        var pipe: Int32 = -1
        let code = unsafe withCStrings(words) { words in
            unsafe withCStrings(["LANG=C.UTF-8"]) { variables in
                unsafe cs_start_command(words, variables, input, input.count, &child, &pipe)
            }
        }
        guard code == 0 else {
            let reason = unsafe String(cString: strerror(code))
            throw .failed(
                code == ENOENT
                    ? "--qr needs the program qrencode, which is not installed: apt install qrencode"
                    : "qrencode cannot be started: \(reason)"
            )
        }
        defer { close(pipe) }
        var output: [UInt8] = []
        let isWhole = drain(pipe, into: &output)
        if !isWhole { kill(-child, SIGKILL) }
        var status: Int32 = 0
        while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
        guard isWhole else { throw .failed("qrencode did not end, and was stopped") }
        return (output, status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f)
    }

    /// Reads to the end; returns whether that came in time.
    private static func drain(_ pipe: Int32, into output: inout [UInt8]) -> Bool {
        let deadline = ContinuousClock.now + limit
        var block = [UInt8](repeating: 0, count: 16_384)
        while ContinuousClock.now < deadline {
            var poller = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&poller, 1, 100)
            let count = unsafe read(pipe, &block, block.count)
            if count > 0 {
                output += block[..<count]
            } else if count == 0 || errno != EAGAIN && errno != EINTR {
                return true
            }
        }
        return false
    }
}

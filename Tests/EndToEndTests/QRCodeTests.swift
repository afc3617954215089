// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

/// The real programs are qrencode and zbarimg: `Tests/Stores/tools.sh` installs them.
@Suite("A link as a QR code", .timeLimit(.minutes(5)))
struct QRCodeTests {
    /// A folder with one link, in which `bin/` is searched first.
    private func sandbox(path: String = "/usr/bin:/bin") throws -> (Sandbox, Line) {
        let sandbox = try Sandbox(more: { ["PATH": "\($0.path)/bin:\(path)"] })
        try sandbox.write("inbox/a.txt", "content")
        #expect(try sandbox.presignd("upload", "inbox/a.txt").status == 0)
        return (sandbox, try #require(try sandbox.manifest.lines().first))
    }

    @Test("is drawn below its URL, which the program gets on standard input alone")
    func fake() throws {
        let (sandbox, line) = try self.sandbox()
        try sandbox.write(
            "bin/qrencode",
            """
            #!/bin/sh
            here=$(dirname "$0")
            tr '\\0' '\\n' < /proc/$$/cmdline > "$here/words"
            tr '\\0' '\\n' < /proc/$$/environ > "$here/variables"
            cat > "$here/input"
            echo DRAWN
            """
        )
        let bin = sandbox.folder.appending(path: "bin")
        #expect(unsafe chmod(bin.appending(path: "qrencode").path, 0o755) == 0)
        func text(_ name: String) throws -> String {
            try String(contentsOf: bin.appending(path: name), encoding: .utf8)
        }
        let one = try sandbox.presignd("links", "--url", "a.txt", "--qr")
        #expect(one.status == 0 && one.output == "\(line.url)\nDRAWN\n", "\(one.errors)")
        #expect(try text("input") == line.url)
        for name in ["words", "variables"] {
            #expect(try !text(name).contains("X-Amz"))
            #expect(try !text(name).contains(line.id))
        }
        let all = try sandbox.presignd("links", "--qr")
        #expect(all.output.hasSuffix("    \(line.url)\nDRAWN\n"), "\(all)")
        let fresh = try sandbox.presignd("links", "--sign", line.id, "--expires-in", "5m", "--qr")
        let url = try text("input")
        #expect(url.contains("X-Amz-Expires=300&"))
        #expect(fresh.output == "\(url)\nDRAWN\n", "\(fresh)")
    }

    @Test("needs qrencode, and says how to get it; the URL is there all the same")
    func missing() throws {
        let (sandbox, line) = try self.sandbox(path: "/nowhere")
        let result = try sandbox.presignd("links", "--url", "a.txt", "--qr")
        #expect(result.status == 1 && result.output == "\(line.url)\n")
        #expect(result.errors.contains("not installed: apt install qrencode"), "\(result.errors)")
    }

    @Test("is for people, so it goes with no form for programs")
    func refused() throws {
        let sandbox = try Sandbox()
        for option in [["--json"], ["--format", "html"]] {
            let result = try sandbox.presignd(["links", "--qr"] + option)
            #expect(result.status == 64 && result.errors.contains("--qr"), "\(result)")
        }
    }

    @Test("says why when it cannot be drawn")
    func refusedByProgram() throws {
        let (sandbox, _) = try self.sandbox()
        try sandbox.write("bin/qrencode", "#!/bin/sh\necho too large >&2\nexit 1\n")
        let program = sandbox.folder.appending(path: "bin/qrencode").path
        #expect(unsafe chmod(program, 0o755) == 0)
        let result = try sandbox.presignd("links", "--url", "a.txt", "--qr")
        #expect(result.status == 1)
        #expect(result.errors.contains("bytes): too large"), "\(result.errors)")
    }

    @Test("is read by a scanner as the URL")
    func scanned() throws {
        let (sandbox, line) = try self.sandbox()
        let result = try sandbox.presignd("links", "--url", "a.txt", "--qr")
        #expect(result.status == 0, "\(result.errors)")
        let rows = result.output.split(separator: "\n").dropFirst()
        // Each character is two dots, one above the other; what is drawn is what is light.
        var dots: [[Bool]] = []
        for row in rows {
            dots.append(row.map { $0 == "█" || $0 == "▀" })
            dots.append(row.map { $0 == "█" || $0 == "▄" })
        }
        let width = dots.map(\.count).max() ?? 0
        var image = Data("P5 \(width * 4) \(dots.count * 4) 255\n".utf8)
        for row in dots {
            let bytes = row.flatMap { [UInt8](repeating: $0 ? 255 : 0, count: 4) }
            for _ in 0..<4 { image.append(contentsOf: bytes) }
        }
        try sandbox.write("code.pgm", image)
        let file = sandbox.folder.appending(path: "code.pgm").path
        let read = try Program.run("/usr/bin/env", ["zbarimg", "-q", "--raw", file])
        #expect(read.output == "\(line.url)\n", "\(read.errors)")
    }

    @Test("is black on white on a terminal, and refused where that is too narrow")
    func terminal() throws {
        let (sandbox, line) = try self.sandbox()
        func shown(columns: Int) throws -> String {
            let command = "stty cols \(columns); '\(Program.presignd)' links --url a.txt --qr"
            return try Program.run(
                "/usr/bin/env",
                ["script", "-qec", command, "/dev/null"],
                environment: sandbox.environment,
                folder: sandbox.folder
            ).output
        }
        let wide = try shown(columns: 200)
        #expect(wide.contains(line.url) && wide.contains("\u{1b}[40;37;1m█"))
        let narrow = try shown(columns: 40)
        #expect(narrow.contains(line.url) && !narrow.contains("█"))
        #expect(narrow.contains("columns wide and this terminal 40"), "\(narrow)")
    }
}

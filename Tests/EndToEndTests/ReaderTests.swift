// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Testing

/// The forms of a manifest in the hands of the programs they are made for.
///
/// They need wget, aria2 and a Python with jsonschema: `Tests/Stores/tools.sh` installs them.
@Suite("The forms of a manifest (L3)", .serialized)
struct ReaderTests {
    private static let formats = "json, urls, aria2, metalink, csv, sha256sums, html"
    private static let environment = ProcessInfo.processInfo.environment
    private static let python =
        environment["TOOLS_WEBHOOKS"] ?? environment["PRESIGND_TEST_PYTHON"] ?? "python3"
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
    /// Names that are told as they are, some in folders.
    private static let plain = ["a.txt", "reports/a b.pdf", "reports/2026/é 漢字.bin", "empty"]

    private let sandbox: Sandbox
    /// The files' digests and how often each is there.
    private let wanted: [String: Int]

    /// A folder with plain and hostile names, and a daemon that keeps every form.
    init() throws {
        sandbox = try Sandbox()
        let config = try String(
            contentsOf: sandbox.folder.appending(path: "config.yaml"),
            encoding: .utf8
        )
        try sandbox.write(
            "config.yaml",
            config.replacing(
                "path: ./links/links.jsonl }",
                with: "path: ./links/links.jsonl, formats: [\(Self.formats)] }"
            )
        )
        var contents = Self.plain.map { $0 == "empty" ? "" : "content of \($0)" }
        for (name, content) in zip(Self.plain, contents) {
            try sandbox.write("inbox/\(name)", content)
        }
        let inbox = sandbox.folder.appending(path: "inbox")
        for (index, name) in HostileNames.all.enumerated() where name.count < 200 {
            contents.append("hostile \(index)")
            try HostileNames.create(name, in: inbox, "hostile \(index)")
        }
        let digests = contents.map { Self.digest(Data($0.utf8)) }
        wanted = Dictionary(digests.map { ($0, 1) }, uniquingKeysWith: +)
    }

    private static func digest(_ data: Data) -> String {
        SHA256.hash(data: data).map { String(format: "%02x", $0) }.joined()
    }

    private func file(_ name: String) -> String {
        sandbox.folder.appending(path: "links/\(name)").path
    }

    /// Starts the daemon and waits until every form has every link.
    private func started() throws -> ChildProcess {
        let daemon = try sandbox.start()
        let count = wanted.values.reduce(0, +)
        #expect(try sandbox.manifest.lines(count: count).count == count)
        // The page is written after all others.
        let copies = ManifestFollower(file: URL(filePath: file("index.html")))
        let isThere = try copies.isThere { text in
            text.components(separatedBy: "<tr><td>").count == count + 1
        }
        #expect(isThere, "\(sandbox.log)")
        return daemon
    }

    /// A folder to download into, empty.
    private func target(_ name: String) throws -> URL {
        let folder = sandbox.folder.appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// Runs a program as a person would who has no proxy.
    private func run(
        _ program: String,
        _ arguments: [String],
        in folder: URL
    ) throws -> Program.Result {
        let words = [program] + arguments
        let environment = [
            "PATH": Self.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder.path,
            "LC_ALL": "C.UTF-8",
        ]
        return try Program.run("/usr/bin/env", words, environment: environment, folder: folder)
    }

    /// The digests of all files beneath a folder.
    private func digests(beneath folder: URL) throws -> [String: Int] {
        // wget takes names from the store's answers, and these need not be text.
        let sums = ["-type", "f", "-exec", "sha256sum", "-z", "{}", "+"]
        let result = try run("find", ["."] + sums, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        let digests = result.data.split(separator: 0).map {
            String(decoding: $0.prefix(64), as: UTF8.self)
        }
        return Dictionary(digests.map { ($0, 1) }, uniquingKeysWith: +)
    }

    private func read<Answer: Decodable>(
        _ type: Answer.Type,
        _ arguments: String...
    ) throws -> Answer {
        let script = Self.tests.appending(path: "Readers/read.py").path
        let result = try run(Self.python, [script] + arguments, in: sandbox.folder)
        #expect(result.status == 0, "\(result.errors)")
        return try JSONDecoder().decode(type, from: result.data)
    }

    @Test("bring every file, byte for byte, through wget, wget2 and aria2c, and sha256sum agrees")
    func downloads() throws {
        let daemon = try started()
        for program in ["wget", "wget2"] {
            // wget2 1.99, which Debian 12 has, leaves the port out of Host, and so breaks signatures.
            let version = try run(program, ["--version"], in: sandbox.folder)
            guard version.status == 0, !version.output.contains("Wget2 1.") else {
                print("skipped: \(program) is missing, or too old for links with a port")
                continue
            }
            let folder = try target(program)
            let result = try run(
                program,
                ["-q", "--content-disposition", "-i", file("links.urls.txt")],
                in: folder
            )
            #expect(result.status == 0, "\(program): \(result.errors)")
            #expect(try digests(beneath: folder) == wanted, "\(program)")
        }
        let lists = [("-i", "links.aria2.txt"), ("-M", "links.meta4")]
        for (option, list) in lists {
            let folder = try target("aria2\(option)")
            let quiet = ["-q", "--no-conf", "--auto-file-renaming=false", "--file-allocation=none"]
            let result = try run("aria2c", quiet + [option, file(list)], in: folder)
            #expect(result.status == 0, "\(list): \(result.output) \(result.errors)")
            #expect(try digests(beneath: folder) == wanted, "\(list)")
            for name in Self.plain {
                #expect(FileManager.default.fileExists(atPath: folder.appending(path: name).path))
            }
            // aria2 saves `&` in a name of a Metalink as `&#38;`; the XML is right.
            let isRight = option == "-i"
            let strict = isRight ? ["--strict"] : ["--strict", "--ignore-missing"]
            let check = try run("sha256sum", strict + ["-c", file("SHA256SUMS")], in: folder)
            #expect(check.status == 0, "\(check.output) \(check.errors)")
            let passed = check.output.components(separatedBy: ": OK\n").count - 1
            #expect(isRight ? passed == wanted.count : passed >= wanted.count - 2)
        }
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("say in Python what the manifest says, and the page has nothing live")
    func python() throws {
        let daemon = try started()
        let lines = try sandbox.manifest.lines()
        struct Row: Decodable { var url: String, path: String, sha256: String, expires_at: String }
        let rows = try read([Row].self, "csv", file("links.csv"))
        #expect(rows.map(\.url) == lines.reversed().map(\.url))
        for (row, line) in zip(rows, lines.reversed()) {
            #expect(row.path == (line.path.hasPrefix("-") ? "'\(line.path)" : line.path))
            #expect(row.sha256 == line.sha256 && row.expires_at == line.expires_at)
        }
        struct Page: Decodable {
            struct Link: Decodable { var url: String, rel: String, text: String }
            var links: [Link], tags: [String], live: [[String?]]
        }
        let page = try read(Page.self, "html", file("index.html"))
        #expect(page.links.map(\.url) == lines.reversed().map(\.url))
        #expect(page.links.allSatisfy { $0.rel == "noreferrer noopener" })
        #expect(page.live.isEmpty, "\(page.live)")
        #expect(
            page.tags == [
                "a", "bdi", "body", "h1", "head", "html", "input", "meta", "p", "script", "span",
                "style", "table", "tbody", "td", "th", "thead", "time", "title", "tr",
            ]
        )
        let schema = Self.tests.deletingLastPathComponent()
            .appending(path: "docs/manifest.schema.json").path
        #expect(try read([String].self, "schema", schema, file("links.json")) == [])
        withExtendedLifetime(daemon) {}
    }

    /// Opens the page in a frame, as a person would, and tells what can be seen there.
    private static let harness = """
        <!doctype html><iframe id="frame" src="index.html"></iframe><pre id="out"></pre><script>
        frame.onload = () => {
          const page = frame.contentDocument, search = page.getElementById("search");
          const rows = () => [...page.querySelectorAll("tbody tr")].filter(row => !row.hidden);
          const find = text => {
            search.value = text;
            search.dispatchEvent(new Event("input"));
            return rows().map(row => row.cells[0].textContent);
          };
          const seen = { title: page.title, all: rows().length,
            copies: page.querySelectorAll("td button").length, images: page.images.length,
            times: rows().map(row => row.cells[3].textContent), found: find("REPORTS pdf") };
          find("");
          page.querySelectorAll("th button")[2].click();
          seen.sizes = rows().map(row => Number(row.cells[2].dataset.v));
          out.textContent = btoa(JSON.stringify(seen));
        };
        </script>
        """

    @Test("can be searched and sorted in a browser, which runs nothing of a name nor of another's")
    func browser() throws {
        guard
            let browser = ["chromium-headless-shell", "chromium"].first(where: {
                FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)")
            })
        else {
            print("skipped: the page in a browser needs chromium-headless-shell (Debian)")
            return
        }
        let hostile = "<img src=x onerror=\"document.title='taken'\">"
        try HostileNames.create(
            Array(hostile.utf8),
            in: sandbox.folder.appending(path: "inbox"),
            "hostile"
        )
        let count = wanted.values.reduce(0, +) + 1
        let daemon = try sandbox.start()
        #expect(
            try ManifestFollower(file: URL(filePath: file("index.html"))).isThere { text in
                text.components(separatedBy: "<tr><td>").count == count + 1
            }
        )
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
        // A script that somebody got into the page is not in its policy.
        let page = try String(contentsOfFile: file("index.html"), encoding: .utf8)
        let forged = page.replacing(
            "</body>",
            with: "<script>document.title = \"taken\"</script></body>"
        )
        try sandbox.write("page/index.html", forged)
        try sandbox.write("page/harness.html", Self.harness)
        let result = try run(
            browser,
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files",
                "--user-data-dir=\(try target("profile").path)", "--virtual-time-budget=10000",
                "--dump-dom", "file://" + sandbox.folder.appending(path: "page/harness.html").path,
            ],
            in: sandbox.folder
        )
        struct Seen: Decodable {
            var title: String, all: Int, copies: Int, images: Int
            var times: [String], found: [String], sizes: [Int]
        }
        let text = try #require(result.output.firstMatch(of: /<pre id="out">([^<]+)</)).output.1
        let data = try #require(Data(base64Encoded: String(text)))
        let seen = try JSONDecoder().decode(Seen.self, from: data)
        #expect(seen.title == "Links" && seen.images == 0)
        #expect(seen.all == count && seen.copies == count)
        #expect(seen.times.allSatisfy { $0.hasPrefix("in 5") && $0.hasSuffix(" min") })
        #expect(seen.found == ["reports/a b.pdf"])
        #expect(seen.sizes == seen.sizes.sorted())
    }

    @Test("are printed by `presignd links --format` with the daemon and without it, the same")
    func printed() throws {
        let daemon = try started()
        for isRunning in [true, false] {
            for (format, name) in ManifestText.files {
                let result = try sandbox.presignd("links", "--format", format)
                #expect(result.status == 0, "\(result.errors)")
                #expect(
                    ManifestText.comparable(result.output)
                        == ManifestText.comparable(
                            try String(contentsOfFile: file(name), encoding: .utf8)
                        ),
                    "\(format)"
                )
            }
            guard isRunning else { break }
            daemon.signal(SIGTERM)
            #expect(daemon.wait() == 0)
        }
    }

    @Test("are chosen by state, time left, template and path; and a link is made anew on demand")
    func chosen() throws {
        let daemon = try started()
        func paths(_ arguments: String...) throws -> [String] {
            let words = ["links", "--format", "sha256sums"] + arguments
            let result = try Program.run(
                Program.presignd,
                words,
                environment: sandbox.environment,
                folder: sandbox.folder
            )
            #expect(result.status == 0, "\(result.errors)")
            return result.output.split(separator: "\n").map { String($0.dropFirst(66)) }.sorted()
        }
        #expect(try paths("--match", "*.pdf") == ["reports/a b.pdf"])
        #expect(try paths("--match", "reports/**").count == 2)
        #expect(try paths("--limit", "2").count == 2)
        #expect(try paths("--template", "inbox").count == wanted.values.reduce(0, +))
        #expect(try paths("--state", "expired").isEmpty)
        #expect(try paths("--expiring-in", "30m").isEmpty)
        #expect(try paths("--expiring-in", "2h").count == wanted.values.reduce(0, +))
        let line = try #require(try sandbox.manifest.lines().first { $0.path == "a.txt" })
        let before = try sandbox.manifest.lines().count
        let made = try sandbox.presignd("links", "--sign", line.id, "--expires-in", "90s")
        let url = made.output.trimmingCharacters(in: .newlines)
        #expect(made.status == 0 && url.contains("X-Amz-Expires=90"), "\(made.errors)")
        let answer = try Program.curl(url)
        #expect(answer.status == 200 && Self.digest(answer.body) == line.sha256)
        #expect(try sandbox.manifest.lines().count == before)
        #expect(try sandbox.presignd("links", "--sign", UUID().uuidString).status == 1)
        #expect(try sandbox.presignd("links", "--sign", line.id, "--expires-in", "8d").status == 1)
        #expect(try sandbox.presignd("links", "--format", "html", "--json").status == 64)
        withExtendedLifetime(daemon) {}
    }
}

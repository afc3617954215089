// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Credentials

@Suite("A key that a program prints")
struct KeyProgramTests {
    private let folder: Folder
    private let start = Timestamp(seconds: 1_795_000_000)

    init() throws { folder = try Folder() }

    private func write(script: String, arguments: String = "") throws {
        let path = try folder.write("my keys.sh", "#!/bin/sh\n\(script)\n", mode: 0o700)
        // By its interpreter: a file that was written just now may still be open in a child of another test.
        let words = "/bin/sh \"\(path)\" \(arguments)"
        try folder.write(".aws/config", "[default]\ncredential_process = \(words)\n")
    }

    private func find(_ environment: [String: String] = [:]) async throws -> AccessKey {
        let environment = environment.merging(["PATH": "/usr/bin:/bin"]) { $1 }
        return try await folder.finder(environment).find(.chain, at: start)
    }

    private func problem() async throws -> String {
        try await #require(throws: CredentialError.self) { _ = try await find() }.description
    }

    @Test("is read, with its token and its end; the program has the environment and its words")
    func found() async throws {
        try write(
            script: """
                printf '{"Version": 1, "AccessKeyId": "%s", "SecretAccessKey": "%s",' "$1" "$WORD"
                printf '"SessionToken": "t", "Expiration": "2030-01-01T00:00:00+00:00"}\\n'
                """,
            arguments: "'A K' \\$x"
        )
        let problem = try await problem()
        #expect(problem.contains("has characters in AccessKeyId"))
        try write(
            script: """
                printf '{"Version": 1, "AccessKeyId": "%s", "SecretAccessKey": "%s",' "$2" "$WORD"
                printf '"SessionToken": "t", "Expiration": "2030-01-01T00:00:00+00:00"}\\n'
                """,
            arguments: "'A K' $x"
        )
        let key = try await find(["WORD": "hush"])
        #expect(key.parts == ["$x", "hush", "t"])
        #expect(key.expiresAt == Timestamp(rfc3339: "2030-01-01T00:00:00Z"))
    }

    @Test("is of a program that has no input, none of our files, and the signals of its own")
    func surroundings() async throws {
        try write(
            script: """
                read line && exit 7
                grep -q '^SigIgn:.*[^0]$' /proc/$$/status && exit 9
                echo '{"Version": 1, "AccessKeyId": "AK", "SecretAccessKey": "s"}'
                """
        )
        #expect(try await find().parts == ["AK", "s", nil])
        let open = dup(2)
        defer { close(open) }
        let list = KeyProgram(words: ["ls", "/proc/self/fd"], environment: [:])
        guard case .printed(let bytes) = await list.run() else { throw CancellationError() }
        // The last is the folder that ls reads.
        #expect(String(decoding: bytes, as: UTF8.self) == "0\n1\n2\n3\n")
    }

    @Test(
        "is missing when the program fails, and nothing that it wrote is shown",
        arguments: [
            ("echo HUSH >&2; exit 3", "ended with status 3"), ("kill -9 $$", "ended by signal 9"),
            ("echo HUSH", "the answer is no JSON"), ("true", "the answer is no JSON"),
            (#"echo '{"Version": 2, "AccessKeyId": "HUSH"}'"#, "has no Version that is 1"),
            (#"echo '{"Version": 1, "AccessKeyId": "HUSH"}'"#, "has no SecretAccessKey"),
            ("yes HUSH", "printed more than 65536 bytes"),
            (
                #"echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"HUSH","Expiration":"2020-01-01T00:00:00Z"}'"#,
                "the key ended at 2020-01-01T00:00:00Z"
            ),
        ]
    )
    func failures(script: String, expected: String) async throws {
        try write(script: script)
        let problem = try await problem()
        #expect(problem.contains(expected) && !problem.contains("HUSH"), "\(problem)")
        #expect(problem.contains("credential_process of profile \"default\""))
    }

    @Test("is missing when the program cannot be started or its line cannot be read")
    func noProgram() async throws {
        for (line, expected) in [
            ("/no/such HUSH", "cannot be started (No such file or directory)"),
            ("\"HUSH", "every quote closed"), ("'' HUSH", "a program and its arguments"),
        ] {
            try folder.write(".aws/config", "[default]\ncredential_process = \(line)\n")
            let problem = try await problem()
            #expect(problem.contains(expected) && !problem.contains("HUSH"), "\(problem)")
        }
    }

    @Test("is waited for no longer than the limit, and what the program started ends with it")
    func slow() async throws {
        let script = try folder.write(
            "slow.sh",
            "#!/bin/sh\nsleep 600 & echo $! > '\(folder.path)/child'\nsleep 600\n",
            mode: 0o700
        )
        var program = KeyProgram(
            words: ["/bin/sh", script],
            environment: ["PATH": "/usr/bin:/bin"]
        )
        program.timeLimit = .seconds(1)
        guard case .tooSlow = await program.run() else { throw CancellationError() }
        let text = try String(contentsOfFile: "\(folder.path)/child", encoding: .utf8)
        let child = try #require(Int32(text.split(whereSeparator: \.isWhitespace).first ?? ""))
        let status = (try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)) ?? ""
        #expect(status.isEmpty || status.contains(") Z "), "\(status)")
    }

    @Test("is read once the program has ended, though what it left behind holds its output open")
    func leftBehind() async throws {
        let script = try folder.write(
            "behind.sh",
            "#!/bin/sh\nsleep 600 & echo $! > '\(folder.path)/child'\necho done\n",
            mode: 0o700
        )
        let program = KeyProgram(
            words: ["/bin/sh", script],
            environment: ["PATH": "/usr/bin:/bin"]
        )
        guard case .printed(let bytes) = await program.run() else { throw CancellationError() }
        #expect(String(decoding: bytes, as: UTF8.self) == "done\n")
        let text = try String(contentsOfFile: "\(folder.path)/child", encoding: .utf8)
        kill(try #require(Int32(text.split(whereSeparator: \.isWhitespace).first ?? "")), SIGKILL)
    }
}

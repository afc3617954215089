// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("A store that never answers")
struct SlowStoreTests {
    @Test("keeps no link of another store back that only has to be told again")
    func retold() throws {
        let (listener, port) = try Self.listen()
        defer { close(listener) }
        let sandbox = try Sandbox(
            store: """
                { kind: s3, bucket: b, region: us-east-1, endpoint: "http://127.0.0.1:\(port)", \
                addressing: path, credentials: env }
                """,
            environment: ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"]
        )
        try sandbox.write(
            "jobs/near.yaml",
            "watch: ./near\nstore: local\nsettle: 100ms\npublish: [links]\n"
        )
        try sandbox.write("near/first", "1")
        let daemon = try sandbox.start()
        _ = try sandbox.manifest.lines(count: 1)

        // The manifest is replaced by one that somebody else has locked: its links have to wait.
        let links = sandbox.folder.appending(path: "links/links.jsonl")
        try FileManager.default.moveItem(
            at: links,
            to: sandbox.folder.appending(path: "links/old.jsonl")
        )
        let lock = unsafe open(links.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        #expect(lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
        defer { close(lock) }
        for number in 0..<5 { try sandbox.write("near/\(number)", "\(number)") }
        try sandbox.untilLog(contains: "sink links cannot be told")

        // More uploads than there are places, and as many again that wait for one.
        for number in 0..<500 { try sandbox.write("inbox/\(number)", "\(number)") }
        try sandbox.untilJobsRun(272)
        flock(lock, LOCK_UN)
        // Well before the stalled uploads are given up (a minute), which would free their places.
        let lines = try sandbox.manifest.lines(count: 5, within: 40)
        #expect(lines.count >= 5 && lines.allSatisfy { $0.event == "link.created" })
        daemon.signal(SIGKILL)
        daemon.wait()
    }

    @Test(
        "is asked no more for a file over which presignd crashed three times, until a person says so"
    )
    func poison() throws {
        let (listener, port) = try Self.listen()
        defer { close(listener) }
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        unsafe setsockopt(
            listener,
            SOL_SOCKET,
            SO_RCVTIMEO,
            &limit,
            socklen_t(MemoryLayout<timeval>.size)
        )
        let sandbox = try Sandbox(
            store: """
                { kind: s3, bucket: b, region: us-east-1, endpoint: "http://127.0.0.1:\(port)", \
                addressing: path, credentials: env }
                """,
            environment: ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"]
        )
        try sandbox.write("inbox/a.txt", "poison")
        for signal in [SIGABRT, SIGSEGV, SIGILL] {
            let daemon = try sandbox.start()
            let connection = accept(listener, nil, nil)
            #expect(connection >= 0)
            daemon.signal(signal)
            daemon.wait()
            close(connection)
        }
        let daemon = try sandbox.start()
        try sandbox.untilLog(contains: "crashed before this start (signal \(SIGILL))")
        let jobs = try sandbox.presignd("jobs")
        #expect(jobs.output.contains("crashed: presignd crashed 3 times in a row"))
        #expect(try sandbox.presignd("retry").status == 0)
        let connection = accept(listener, nil, nil)
        #expect(connection >= 0, "it is tried again")
        close(connection)
        daemon.signal(SIGKILL)
        daemon.wait()
    }

    /// A port that takes connections and says nothing.
    private static func listen() throws -> (Int32, UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> Int32 in
                guard unsafe bind(descriptor, generic, length) == 0,
                    Glibc.listen(descriptor, 512) == 0
                else { return -1 }
                return unsafe getsockname(descriptor, generic, &length)
            }
        }
        guard result == 0 else { throw SandboxError(text: "no free port: \(errno)") }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}

extension Sandbox {
    /// Waits until so many jobs are claimed: the queue has handed out all that it will for now.
    fileprivate func untilJobsRun(_ count: Int, within seconds: Int = 60) throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        var output = ""
        while ContinuousClock.now < deadline {
            output = try presignd("status").output
            let words = output.split(whereSeparator: { " ,".contains($0) })
            if let place = words.firstIndex(of: "running"), place > 0,
                let running = Int(words[place - 1]), running >= count
            {
                return
            }
        }
        throw SandboxError(text: "never \(count) jobs ran: \(output)")
    }
}

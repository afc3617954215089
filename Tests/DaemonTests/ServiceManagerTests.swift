// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Jobs
import Testing

@testable import Daemon

@Suite("What the service manager is told")
struct ServiceManagerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("is a datagram of NAME=value lines for each event in the service's life")
    func life() throws {
        let socket = try NotifySocket(Array(folder["notify"].utf8))
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": folder["notify"]])
        manager.ready("watching 2 folders")
        manager.alive()
        manager.status("3 running")
        manager.stopping("stopping", within: .seconds(20))
        #expect(
            socket.messages() == [
                "READY=1\nSTATUS=watching 2 folders",
                "WATCHDOG=1",
                "STATUS=3 running",
                "STOPPING=1\nSTATUS=stopping\nEXTEND_TIMEOUT_USEC=20000000",
            ]
        )
    }

    @Test("is when it begins to read its configuration anew, by the clock that systemd compares")
    func reloading() throws {
        let socket = try NotifySocket(Array(folder["notify"].utf8))
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": folder["notify"]])
        manager.reloading()
        manager.ready("watching 1 folders")
        let messages = socket.messages()
        let lines = (messages.first ?? "").split(separator: "\n")
        #expect(lines.first == "RELOADING=1" && lines.count == 2)
        let microseconds = lines.last?.split(separator: "=").last.flatMap { Int64($0) } ?? 0
        #expect(lines.last?.hasPrefix("MONOTONIC_USEC=") == true && microseconds > 0)
        #expect(messages.last == "READY=1\nSTATUS=watching 1 folders")
    }

    @Test("reaches an abstract address, which is written with an @")
    func abstract() throws {
        let name = "presignd-test-\(getpid())-\(UUID().uuidString)"
        let socket = try NotifySocket([0] + Array(name.utf8))
        ServiceManager(environment: ["NOTIFY_SOCKET": "@\(name)"]).alive()
        #expect(socket.messages() == ["WATCHDOG=1"])
    }

    @Test(
        "is nothing when nobody listens, and that does no harm",
        arguments: [
            [:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "/nowhere/notify"],
            ["NOTIFY_SOCKET": String(repeating: "n", count: 4_096)],
        ] as [[String: String]]
    )
    func silent(environment: [String: String]) {
        let manager = ServiceManager(environment: environment)
        manager.ready("up")
        manager.alive()
        manager.stopping("stopping", within: .seconds(1))
    }

    @Test("comes as often as it asks for, if it asks this process")
    func watchdog() {
        func interval(_ environment: [String: String]) -> Span? {
            ServiceManager(environment: environment).watchdogInterval
        }
        #expect(interval([:]) == nil)
        #expect(interval(["WATCHDOG_USEC": "30000000"]) == .seconds(30))
        for (pid, expected) in [("\(getpid())", Span.seconds(30)), ("1", nil)] {
            #expect(interval(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": pid]) == expected)
        }
        for text in ["0", "-1", "soon", ""] { #expect(interval(["WATCHDOG_USEC": text]) == nil) }
    }
}

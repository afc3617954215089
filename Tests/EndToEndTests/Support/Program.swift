// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// The programs that tests start.
enum Program {
    /// The presignd that was built with these tests.
    static let presignd: String = {
        if let path = ProcessInfo.processInfo.environment["PRESIGND_BINARY"] { return path }
        let own =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: own).deletingLastPathComponent().appending(path: "presignd").path
    }()

    /// What a program printed, and how it ended.
    struct Result: Sendable {
        var status: Int32
        var output: String
        var errors: String
        var data: Data
    }

    /// Runs a program to its end.
    static func run(
        _ program: String,
        _ arguments: [String],
        environment: [String: String] = ProcessInfo.processInfo.environment,
        folder: URL = URL(filePath: "/tmp")
    ) throws -> Result {
        let name = UUID().uuidString
        let output = FileManager.default.temporaryDirectory.appending(path: "\(name).out")
        let errors = FileManager.default.temporaryDirectory.appending(path: "\(name).err")
        defer {
            try? FileManager.default.removeItem(at: output)
            try? FileManager.default.removeItem(at: errors)
        }
        let child = try ChildProcess(
            program,
            arguments,
            environment: environment,
            folder: folder,
            output: output,
            errors: errors
        )
        let status = child.wait()
        let data = try Data(contentsOf: output)
        return Result(
            status: status,
            output: String(decoding: data, as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self),
            data: data
        )
    }

    /// Fetches a URL as a consumer of a link does: with curl.
    static func curl(_ url: String, _ arguments: [String] = []) throws -> (status: Int, body: Data)
    {
        let body = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: body) }
        let result = try run(
            "/usr/bin/curl",
            ["-sS", "--path-as-is", "-m", "60", "-o", body.path, "-w", "%{http_code}"]
                + arguments + [url]
        )
        return (Int(result.output) ?? 0, (try? Data(contentsOf: body)) ?? Data())
    }
}

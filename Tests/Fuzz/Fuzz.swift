// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Sign

/// Feeds libFuzzer's inputs to what reads text of strangers: `Fuzz NAME [libFuzzer's arguments]`.
///
/// Built by fuzz.sh alone, for the driver is part of the compiler's runtime. A trap is a finding,
/// and so is an answer that shows a signature.
@main
struct Fuzz {
    static func main() {
        let name = CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : ""
        let target: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
        switch name {
        case "url": unsafe target = { unsafe Fuzz.inspect(Fuzz.bytes($0, $1)) }
        case "request": unsafe target = { unsafe Fuzz.check(Fuzz.bytes($0, $1)) }
        case "batch": unsafe target = { unsafe Fuzz.answer(Fuzz.bytes($0, $1)) }
        default:
            print("usage: Fuzz url|request|batch [-max_total_time=60] [CORPUS]")
            exit(64)
        }
        var count = CommandLine.argc - 1
        var arguments = unsafe Optional(CommandLine.unsafeArgv + 1)
        exit(unsafe runDriver(&count, &arguments, target))
    }

    private static func bytes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
        unsafe Array(UnsafeBufferPointer(start: start, count: count))
    }

    /// `presignd inspect`.
    private static func inspect(_ bytes: [UInt8]) -> Int32 {
        guard let url = try? InspectedURL(bytes) else { return 0 }
        _ = url.warnings(at: Timestamp(seconds: 1_767_225_600))
        _ = url.verdict(.secret(Secret("c2VjcmV0")))
        precondition(!url.masked.contains("SIGNATURE"))
        return 0
    }

    /// The embedded store's check: a method, a target and headers, one a line.
    private static func check(_ bytes: [UInt8]) -> Int32 {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count >= 2 else { return 0 }
        let headers = lines.dropFirst(2).map { line in
            let name = line.prefix { $0 != UInt8(ascii: ":") }
            return Header(
                String(decoding: name, as: UTF8.self),
                String(decoding: line.dropFirst(name.count + 1), as: UTF8.self)
            )
        }
        let check = SignatureCheck { _ in Secret("secret") }
        let grant = try? check.check(
            method: String(decoding: lines[0], as: UTF8.self),
            target: Array(lines[1]),
            headers: headers,
            now: Timestamp(seconds: 1_767_225_600)
        )
        // Nobody can sign here: whatever is granted was forged.
        precondition(grant == nil)
        return 0
    }

    /// `presignd presign --batch`.
    private static func answer(_ bytes: [UInt8]) -> Int32 {
        var batch = Batch()
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let answer = batch.answer(line, now: Timestamp(seconds: 1_767_225_600)) else {
                continue
            }
            precondition(!answer.line.contains(UInt8(ascii: "\n")))
        }
        return 0
    }
}

/// libFuzzer's own loop (FuzzerInterface.h); it must not call this program's `main`.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ target: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

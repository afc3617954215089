// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Sign

/// Signs many URLs in one thread and prints how many a CPU second: `SignBench v4 COUNT`, or
/// `SignBench rsa COUNT KEY.pem` with a private key.
@main
struct SignBench {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 3, let count = Int(arguments[2]) else {
            print("usage: SignBench v4 COUNT | rsa COUNT KEY.pem")
            exit(64)
        }
        let signer: any URLSigner
        if arguments[1] == "rsa", arguments.count == 4 {
            signer = try google(try text(of: arguments[3]))
        } else {
            signer = SigV4Signer(
                endpoint: try Endpoint("https://s3.us-east-1.amazonaws.com"),
                style: .path,
                bucket: "bench",
                region: "us-east-1",
                key: AccessKey(id: "AKIABENCH", secret: Secret("benchsecret"))
            )
        }
        // Some once first: the day's key is made, the code is in the caches.
        _ = try sign(min(count, 1_000), with: signer)
        let started = clock()
        let bytes = try sign(count, with: signer)
        let seconds = Double(clock() - started) / Double(CLOCKS_PER_SEC)
        print("\(Int(Double(count) / seconds)) \(bytes / count)")
    }

    private static func google(_ pem: String) throws -> any URLSigner {
        SigV4Signer(
            endpoint: try Endpoint("https://storage.googleapis.com"),
            style: .path,
            bucket: "bench",
            key: .serviceAccount(email: "bench@example.org", try RSAPrivateKey(pem: Secret(pem)))
        )
    }

    /// Signs for as many different keys, and counts bytes so that nothing is left out.
    private static func sign(_ count: Int, with signer: any URLSigner) throws -> Int {
        let moment = Timestamp(seconds: 1_767_225_600)
        var bytes = 0
        for number in 0..<count {
            var key = Array("2026/reports/file-".utf8)
            key.appendDecimal(number, width: 7)
            let request = ObjectRequest(.get, ObjectKey(bytes: key), lifetime: 3_600)
            bytes += try signer.presign(request, at: moment).url.reveal().count
        }
        return bytes
    }

    private static func text(of path: String) throws -> String {
        guard let file = unsafe fopen(path, "r") else { exit(66) }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}

// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Credentials
import Daemon
import Glibc
import Jobs
import Settings
import Sign

/// `presignd presign`: one signed URL, or one for each line of a batch.
struct PresignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "presign",
        abstract: "Print a URL that grants one request until it expires.",
        discussion: """
            presignd presign s3://bucket/key --expires-in 5m
            presignd presign s3://bucket/key --endpoint-url http://localhost:4566 --method PUT
            presignd presign local:0198c1b2-…/report.pdf        (a store of the configuration)
            presignd presign --batch < requests.jsonl           (one JSON object per line)

            For s3:// the access key is found as the AWS tools do: AWS_ACCESS_KEY_ID and \
            AWS_SECRET_ACCESS_KEY, or the profile files. Nothing is sent anywhere.
            """
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "s3://bucket/key, or store:key with a store of the configuration.")
    var target: String?

    @Flag(help: "Read requests from standard input, one JSON object per line.")
    var batch = false

    @Option(help: "How long the URL works: 300, 5m, 24h, 7d.")
    var expiresIn = "1h"

    @Option(help: "GET, PUT, HEAD, DELETE or POST.")
    var method: MethodName = .get

    @Option(help: "Where the store answers, if it is not AWS.")
    var endpointUrl: String?

    @Option(help: "The region in the signature.")
    var region: String?

    @Option(help: "The profile of the AWS files that has the access key.")
    var profile: String?

    @Flag(help: "One JSON object with url, method, issued_at and expires_at.")
    var json = false

    func validate() throws {
        guard batch != (target != nil) else {
            throw ValidationError("name one target, or say --batch")
        }
    }

    func run() async throws {
        guard let target else { return try runBatch() }
        let now = WallClock.now()
        let lifetime = try lifetime()
        let (signer, key) = try signer(for: target)
        let request = ObjectRequest(method.method, key, lifetime: lifetime)
        do {
            let signed = try signer.presign(request, at: now)
            try show(signed, at: now.wholeSecond, lifetime)
        } catch let error as SignError {
            throw CommandFailure.usage("\(error)")
        }
    }

    private func lifetime() throws -> Int {
        guard let span = QuantityText.lengthOfTime(expiresIn), span.nanoseconds % 1_000_000_000 == 0
        else {
            throw CommandFailure.usage(
                "--expires-in \"\(expiresIn)\" is no length of time; write 300, 5m, 24h or 7d"
            )
        }
        return Int(span.seconds)
    }

    private func signer(for target: String) throws -> (SigV4Signer, ObjectKey) {
        do {
            if target.hasPrefix("s3://") {
                let place = try S3Place(target, self)
                return (place.signer, place.key)
            }
            guard let colon = target.firstIndex(of: ":") else {
                throw CommandFailure.usage(
                    "\"\(target)\" is no target; write s3://bucket/key or store:key"
                )
            }
            guard endpointUrl == nil, region == nil, profile == nil else {
                throw CommandFailure.usage(
                    "--endpoint-url, --region and --profile are for s3:// targets; "
                        + "a store of the configuration brings its own"
                )
            }
            let configuration = try common.load()
            let name = String(target[..<colon])
            guard let store = configuration.stores[name] else {
                let known = configuration.stores.keys.sorted().joined(separator: ", ")
                throw CommandFailure.usage("there is no store \"\(name)\"; there are: \(known)")
            }
            let access = StoreAccess(
                store,
                state: configuration.state,
                environment: common.environment
            )
            return (try access.links(), ObjectKey(String(target[target.index(after: colon)...])))
        } catch let failure as Failure {
            throw CommandFailure.failed(failure.message)
        } catch let error as CredentialError {
            throw CommandFailure.failed("\(error)")
        } catch let error as EndpointError {
            throw CommandFailure.usage("\(error)")
        }
    }

    private func show(_ signed: SignedRequest, at now: Timestamp, _ lifetime: Int) throws {
        let url = String(decoding: signed.url.reveal(), as: UTF8.self)
        guard json else { return Terminal.say(url) }
        let expiresAt = now + .seconds(Int64(lifetime))
        Terminal.say(
            try JSONText.line([
                "url": url,
                "method": method.rawValue,
                "issued_at": now.rfc3339,
                "expires_at": expiresAt.rfc3339,
            ])
        )
    }

    private func runBatch() throws {
        var hasFailed = false
        // One for the whole run: it keeps the day's key from line to line.
        var batch = Batch()
        for lines in StandardInput() {
            var output: [UInt8] = []
            for line in lines {
                guard let answer = batch.answer(line, now: WallClock.now()) else { continue }
                output.append(contentsOf: answer.line)
                output.append(UInt8(ascii: "\n"))
                if answer.isError { hasFailed = true }
            }
            Terminal.write(output, to: STDOUT_FILENO)
        }
        if hasFailed { throw CommandFailure.failed("at least one line could not be signed") }
    }
}

/// The methods a person can ask for, in either case.
enum MethodName: String, CaseIterable, ExpressibleByArgument {
    case get = "GET"
    case put = "PUT"
    case head = "HEAD"
    case delete = "DELETE"
    case post = "POST"

    init?(argument: String) {
        self.init(rawValue: argument.uppercased())
    }

    var method: HTTPMethod {
        switch self {
        case .get: .get
        case .put: .put
        case .head: .head
        case .delete: .delete
        case .post: .post
        }
    }
}

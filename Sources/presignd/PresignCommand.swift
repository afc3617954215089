// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Daemon
import Glibc
import Jobs
import Sign

/// `presignd presign`: one signed URL, or one for each line of a batch.
struct PresignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "presign",
        abstract: "Print a URL that grants one request until it expires.",
        discussion: """
            presignd presign s3://bucket/key --expires-in 5m
            presignd presign s3://bucket/key --endpoint-url http://localhost:4566 --method PUT
            presignd presign gs://bucket/key --key-file service-account.json
            presignd presign az://container/blob --account NAME --key-file account-key
            presignd presign https://d1.cloudfront.net/a.pdf --key-pair-id K1 --key-file key.pem
            presignd presign local:0198c1b2-…/report.pdf        (a store of the configuration)
            presignd presign s3://bucket --method POST --key-prefix in/ --max-size 8MiB --html
            presignd presign --batch < requests.jsonl           (one JSON object per line)

            For s3:// the access key is found as the AWS tools do: AWS_ACCESS_KEY_ID and \
            AWS_SECRET_ACCESS_KEY, a profile (its role or credential_process too), or what a container \
            or an instance is given. But for that nothing is sent anywhere.
            """
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "s3://…, gs://…, az://…, https://… (CloudFront), or store:key.")
    var target: String?

    @Flag(help: "Read requests from standard input, one JSON object per line.")
    var batch = false

    @Option(help: "GET, PUT, HEAD, DELETE; POST for an upload form.")
    var method: MethodName = .get

    @OptionGroup(title: "When") var lifetime: LifetimeOptions
    @OptionGroup(title: "What") var terms: TermOptions
    @OptionGroup(title: "Upload form (--method POST)") var form: FormOptions
    @OptionGroup(title: "Where and who") var place: PlaceOptions

    @Flag(help: "One JSON object: url, method, headers, issued_at, expires_at, scheme.")
    var json = false

    func validate() throws {
        guard batch != (target != nil) else {
            throw ValidationError("name one target, or say --batch")
        }
        if form.html && json { throw ValidationError("say --html or --json, not both") }
    }

    func run() async throws {
        guard let target else { return try runBatch() }
        let now = WallClock.now().wholeSecond
        let meant = try await PresignTarget(target, place, common)
        if method == .post { return try showForm(meant, at: now) }
        if form.isGiven {
            throw CommandFailure.usage(
                "--max-size, --min-size, --key-prefix and --html are for --method POST; "
                    + "a PUT can fix the size by --content-length"
            )
        }
        let answer = try sign(meant, at: now)
        if json { Terminal.say(try answer.json()) } else { answer.show() }
    }

    private func sign(_ target: PresignTarget, at now: Timestamp) throws -> PresignedAnswer {
        let scheme = target.signer.scheme
        do {
            var terms = try terms.terms(for: target.key)
            terms.query = target.query
            let request = try terms.request(
                method.method,
                target.key,
                lifetime: try lifetime.lifetime(from: now),
                by: scheme
            )
            let conditions = GrantConditions(
                notBefore: try lifetime.start(),
                address: self.terms.ip
            )
            let asked = now + .seconds(Int64(request.lifetime))
            let end = min(asked, target.keyEnd ?? asked)
            if end < asked {
                Terminal.complain(
                    "note: the URL ends at \(end.rfc3339), with the key that signed it"
                )
            }
            return PresignedAnswer(
                signed: try target.signer.presign(request, under: conditions, at: now),
                scheme: scheme,
                issuedAt: now,
                expiresAt: end
            )
        } catch let error as SignError {
            throw CommandFailure.usage("\(error)")
        } catch let error as TermError {
            throw CommandFailure.usage("\(error)")
        }
    }

    private func runBatch() throws {
        var hasFailed = false
        // One for the whole run: it keeps the day's key from line to line.
        var batch = Batch()
        for lines in StandardInput(longest: Batch.longestLine) {
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

// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Sign

extension PresignCommand {
    /// `--method POST`: a form that lets a browser, or curl, upload within bounds.
    func showForm(_ target: PresignTarget, at now: Timestamp) throws {
        guard let signer = target.signer as? SigV4Signer, signer.scheme == .sigV4 else {
            throw CommandFailure.usage(
                "--method POST makes an S3 form, which is signed by sigv4; this target is signed by "
                    + target.signer.scheme.rawValue
            )
        }
        if terms.contentLength != nil {
            throw CommandFailure.usage("--content-length is for PUT; for POST say --max-size")
        }
        for (option, isGiven) in [
            ("--no-overwrite", terms.noOverwrite), ("--version-id", terms.versionID != nil),
            ("--response-content-type", terms.responseContentType != nil),
            ("--ip", terms.ip != nil), ("--not-before", lifetime.notBefore != nil),
        ] where isGiven {
            throw CommandFailure.usage("\(option) is not possible with --method POST")
        }
        let policy = try policy(for: target.key, from: now)
        let answer: PostAnswer
        do {
            answer = PostAnswer(form: try signer.form(for: policy, at: now), issuedAt: now)
        } catch {
            throw CommandFailure.usage("\(error)")
        }
        if form.html {
            let page = UploadForm.html(answer.form, title: "Upload")
            Terminal.write(page, to: STDOUT_FILENO)
            return
        }
        Terminal.say(answer.json)
        // For people beside the fields; a pipe gets the JSON alone.
        guard !json, isatty(STDOUT_FILENO) == 1 else {
            if !json { Terminal.write("\n\(answer.curl)\n".utf8, to: STDERR_FILENO) }
            return
        }
        Terminal.say("\n\(answer.curl)\n")
    }

    private func policy(for key: ObjectKey, from now: Timestamp) throws -> PostPolicy {
        let terms = try terms.terms(for: key)
        var fields = terms.headers
        if let disposition = terms.contentDisposition {
            fields.append(Header("Content-Disposition", disposition))
        }
        // Without it a store answers 204, which a browser shows as nothing at all.
        let says = ["success_action_status", "success_action_redirect"]
        if !fields.contains(where: { says.contains($0.name.lowercased()) }) {
            fields.append(Header("success_action_status", "201"))
        }
        return PostPolicy(
            try form.name(key),
            contentType: terms.contentType,
            size: try form.sizes(),
            fields: fields,
            lifetime: try lifetime.lifetime(from: now)
        )
    }
}

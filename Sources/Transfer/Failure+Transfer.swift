// SPDX-License-Identifier: Apache-2.0
internal import HTTP
internal import Jobs
internal import Objects

extension Failure {
    /// No answer came; what that means for the job.
    init(
        _ error: HTTPError,
        _ what: String,
        _ place: StorePlace,
        setting: String = "`endpoint:`"
    ) {
        let text = "\(what) at \(place): \(error)"
        switch error {
        case .resolve, .connect, .timeout, .stalled, .connectionLost, .receiverFailed, .slept:
            self.init(.retry, code: "network", message: "\(text). It is tried again later.")
        case .tls:
            self.init(
                .parkStore,
                code: "tls",
                message: "\(text). Its files wait. If its certificate is your own, name it by "
                    + "`ca_file:` of the store."
            )
        case .sourceFailed:
            self.init(.retryFile, code: "read-error", message: "\(text). It is tried again later.")
        case .answerTooLarge, .badAnswer, .forbiddenAddress:
            self.init(
                .parkStore,
                code: "not-a-store",
                message: "\(text). Its files wait. Check \(setting) of the store."
            )
        case .cancelled, .unavailable:
            self.init(.retry, code: "cancelled", message: "\(text). It begins anew later.")
        case .invalidRequest:
            self.init(.giveUp, code: "request", message: "\(text). It was not uploaded.")
        }
    }

    static func cancelled(_ file: SettledFile) -> Failure {
        Failure(
            .retry,
            code: "cancelled",
            message: "\(file.name) in \(file.root) was broken off; it begins anew later."
        )
    }

    static func tooLarge(_ job: Job, _ place: StorePlace) -> Failure {
        Failure(
            .hold,
            code: "too-large",
            message: "\(job.file.name) is larger than \(place) takes: at most "
                + "\(place.dialect.words.largestPut) in one piece, and from `multipart_threshold:` "
                + "on in parts. It waits. Lower that, or split the file."
        )
    }

    static func noUploadID(_ job: Job, _ place: StorePlace) -> Failure {
        Failure(
            .parkStore,
            code: "not-a-store",
            message: "\(place) began an upload in parts of \(job.file.name) without saying its id. "
                + "Its files wait. Check `endpoint:` of the store, and what stands between."
        )
    }

    static func keyTaken(_ job: Job, _ place: StorePlace) -> Failure {
        Failure(
            .giveUp,
            code: "key-exists",
            message: "\(place.bucket)/\(job.key) exists already in \(place) and is not this job's; "
                + "\(job.file.name) was not uploaded and nothing was replaced. Put `{id}` into "
                + "`key:` of template \(job.template.name), or say `on_exists: rename` or "
                + "`overwrite`; or remove the object and `presignd retry`."
        )
    }

    static func keyUnknown(_ job: Job, _ place: StorePlace, _ reason: Failure) -> Failure {
        Failure(
            .hold,
            code: "key-exists",
            message: "\(place.bucket)/\(job.key) exists already in \(place), perhaps from this "
                + "job's own upload, but presignd may not look: \(reason.message) The file waits. "
                + "Allow \(place.dialect.words.readRight) for the access key that uploads."
        )
    }

    static func guardFailed(_ job: Job, _ place: StorePlace) -> Failure {
        Failure(
            .giveUp,
            code: "PreconditionFailed",
            message: "\(place) refused \(place.bucket)/\(job.key) for a condition that was not "
                + "set; it was not uploaded. Check what stands between, then `presignd retry`."
        )
    }

    static func headerRefused(_ job: Job, _ place: StorePlace) -> Failure {
        Failure(
            .giveUp,
            code: "NotImplemented",
            message: "\(place) cannot store \(place.bucket)/\(job.key): it says it lacks what the "
                + "request needs, even without optional headers; it was not uploaded. Check "
                + "`endpoint:` of the store, then `presignd retry`."
        )
    }

    static func differs(_ job: Job, _ place: StorePlace) -> Failure {
        Failure(
            .resend,
            code: "integrity",
            message: "\(place) has other bytes under \(place.bucket)/\(job.key) than were sent; "
                + "\(job.file.name) is sent again later. If it stays so, check the memory of this "
                + "machine and what stands between it and the store."
        )
    }

    static func unproven(_ job: Job, _ place: StorePlace) -> Failure {
        Failure(
            .hold,
            code: "unproven",
            message: "\(place) took \(job.file.name) but neither returns a checksum or an MD5 nor "
                + "accepts one, so it is not known to be whole; no link is published and the file "
                + "waits. Use a store that supports \(place.dialect.words.checksumHeader)."
        )
    }

    static func undecided(_ job: Job, _ place: StorePlace) -> Failure {
        Failure(
            .retry,
            code: "undecided",
            message: "\(place) contradicted itself about \(place.bucket)/\(job.key); "
                + "\(job.file.name) is sent again later."
        )
    }

    static func unsigned(_ error: any Error, _ place: StorePlace) -> Failure {
        if let failure = error as? Failure { return failure }
        return Failure(
            .parkStore,
            code: "signing",
            message: "no request for \(place) could be signed: \(error). Its files wait. Check "
                + "`credentials:` of the store."
        )
    }
}

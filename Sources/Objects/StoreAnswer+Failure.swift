// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension StoreAnswer {
    /// Puts a failure into words: what happened, what becomes of it, what to do.
    func failure(
        _ kind: ErrorKind,
        code: String,
        _ key: ObjectKey,
        _ place: StorePlace,
        _ error: StoreError,
        _ now: Timestamp,
        _ deed: Deed
    ) -> Failure {
        let clock = clockLead(at: now).flatMap(Self.clockText)
        let advice = advice(kind, code, clock: clock, now)
        var text = Self.event(kind, key, place)
        // Some stores say no more than AccessDenied to a URL whose time is wrong (Ceph).
        if let clock, [.clock, .signature, .denied].contains(kind) { text += ": \(clock)" }
        text += ". " + Self.words(of: error, status: status)
        if let consequence = Self.consequence(advice, deed) { text += " " + consequence }
        text += " " + cure(kind, error, place, deed)
        return Failure(advice, code: String(code.prefix(64)), message: text)
    }

    private func advice(
        _ kind: ErrorKind,
        _ code: String,
        clock: String?,
        _ now: Timestamp
    ) -> Advice {
        switch kind {
        case .throttling: .throttle(after: wish(at: now))
        case .transient: .retry
        case .clock where clock == nil && code != "RequestTimeTooSkewed":
            // The URL was too old although the clocks agree: the next try signs a new one.
            .retry
        case .clock: .parkStore
        case .signature, .unknownKey, .expiredCredentials, .denied, .noBucket, .region, .full,
            .account, .notAStore:
            .parkStore
        case .integrity: .resend
        case .tooLarge, .nameTooLong, .permanent: .giveUp
        }
    }

    private static func event(_ kind: ErrorKind, _ key: ObjectKey, _ place: StorePlace) -> String {
        let words = place.dialect.words
        return switch kind {
        case .throttling: "\(place) asks for fewer requests"
        case .transient: "\(place) could not do it just now"
        case .clock: "\(place) finds the signature's time wrong"
        case .signature: "\(place) does not accept the signature"
        case .unknownKey: "\(place) does not know the access key"
        case .expiredCredentials: "\(place) says the session token has ended or is wrong"
        case .denied: "\(place) forbids this access key to touch \(place.bucket)/\(key)"
        case .noBucket: "\(words.bucket) \"\(place.bucket)\" of \(place) does not exist"
        case .region: "\(words.bucket) \"\(place.bucket)\" is elsewhere than \(place) is set up for"
        case .full: "\(place) has no room left"
        case .account: "\(place) has closed the account, the bucket or its encryption key"
        case .notAStore: "what answers for \(place) is no \(words.store)"
        case .integrity: "\(place) received other bytes than were sent for \(place.bucket)/\(key)"
        case .tooLarge: "\(place) takes no file of this size: \(place.bucket)/\(key)"
        case .nameTooLong: "\(place) takes no key this long: \(place.bucket)/\(key)"
        case .permanent: "\(place) refuses \(place.bucket)/\(key)"
        }
    }

    private static func words(of error: StoreError, status: Int) -> String {
        guard !error.code.isEmpty || !error.message.isEmpty else {
            return "It answered HTTP \(status) without saying more."
        }
        // A proxy may echo the request: what is signed must not get into logs and rows.
        let isSafe = !signatureMarks.contains(where: error.message.lowercased().contains)
        let said = isSafe ? String(error.message.prefix(300)) : "(not shown: it holds a signed URL)"
        let request =
            error.requestID.isEmpty ? "" : "request \(error.requestID.prefix(64))"
        let code = String(error.code.prefix(64))
        if said.isEmpty { return "It said \(code)" + (request.isEmpty ? "." : " (\(request)).") }
        return "It said \"\(said)\" ("
            + [code, request].filter { !$0.isEmpty }.joined(separator: ", ")
            + ")."
    }

    /// What a signed URL of any scheme has in it, in lower case.
    private static let signatureMarks = [
        "x-amz-", "x-goog-", "signature=", "sig=", "policy=", "awsaccesskeyid=",
    ]

    private static func consequence(_ advice: Advice, _ deed: Deed) -> String? {
        switch (advice, deed) {
        case (.retry, .upload), (.throttle, .upload), (.retryFile, .upload), (.resend, .upload):
            "The file is sent again later."
        case (.retry, _), (.throttle, _), (.retryFile, _), (.resend, _):
            "It is tried again later."
        case (.parkStore, .upload): "Its files wait; the store is tried again from time to time."
        case (.parkStore, _): "It waits; the store is tried again from time to time."
        case (.hold, .upload): "The file waits."
        case (.hold, _): "It waits."
        case (.giveUp, .upload): "The file was not uploaded."
        case (.giveUp, .removal): "The object was not removed."
        case (.giveUp, .copy): "The object was not copied."
        }
    }

    private func cure(
        _ kind: ErrorKind,
        _ error: StoreError,
        _ place: StorePlace,
        _ deed: Deed
    ) -> String {
        if kind == .denied, deed == .removal {
            return "Allow \(place.dialect.words.removeRight) for this access key; what the store "
                + "keeps under a lock stays until that ends."
        }
        return place.dialect.rules.cure(of: kind, error, in: self) ?? Self.cure(kind)
    }

    private static func cure(_ kind: ErrorKind) -> String {
        switch kind {
        case .throttling, .transient: "There is nothing to do, unless it stays so."
        case .clock: "Set the clock of this machine (timedatectl set-ntp true) or of the store."
        case .signature:
            "Check the secret key, `region:`, and that no proxy in front changes host or path."
        case .unknownKey: "Check the access key in `credentials:` of the store."
        case .expiredCredentials: "Renew the credentials."
        case .denied: "Allow s3:PutObject and s3:GetObject on the bucket for this access key."
        case .noBucket: "Create the bucket, or mend `bucket:` of the store."
        case .region: "Mend `region:` or `endpoint:` of the store."
        case .full: "Make room in the store, or raise its quota."
        case .account: "Look into the account at the store's provider."
        case .notAStore: "Check `endpoint:` of the store, and for a proxy or login page between."
        case .integrity: "If it stays so, check memory and network of this machine."
        case .tooLarge: "Raise the limit of the store or a proxy in front, then `presignd retry`."
        case .nameTooLong: "Give the file a shorter name, or the template a shorter `key:`."
        case .permanent: "Mend what it complains about, then `presignd retry`."
        }
    }

    /// Five minutes are what clients take for a wrong clock; S3 itself allows fifteen.
    static func clockText(lead: Span) -> String? {
        let seconds = abs(lead.seconds)
        guard seconds >= 300 else { return nil }
        let amount =
            switch seconds {
            case ..<7_200: "\(seconds / 60) minutes"
            case ..<172_800: "\(seconds / 3_600) hours"
            default: "\(seconds / 86_400) days"
            }
        let side = lead > .zero ? "ahead of" : "behind"
        return "this machine's clock is \(amount) \(side) the store's"
    }
}

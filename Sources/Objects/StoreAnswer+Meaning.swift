// SPDX-License-Identifier: Apache-2.0
public import Jobs

extension StoreAnswer {
    /// Says what this answer means.
    ///
    /// Success is 2xx and nothing else: clients that took a redirect for one lost uploads
    /// (aws-sdk-js-v3#1385). A 2xx to an upload must also carry an ETag and must not be an error
    /// document, which some stores send with status 200.
    ///
    /// - Parameters:
    ///   - method: What was asked.
    ///   - key: The object it was asked of.
    ///   - place: Where it was asked; for the text of a failure.
    ///   - now: The present moment, to compare with the answer's `Date`.
    /// - Returns: What it means; a failure's text is ready for people.
    public func meaning(
        of method: HTTPMethod,
        _ key: ObjectKey,
        at place: StorePlace,
        now: Timestamp
    ) -> AnswerMeaning {
        let isGood = (200..<300).contains(status)
        // The body of a good GET is the object, which may itself be an error document.
        let error = isGood && method == .get ? nil : StoreError(body)
        if isGood, error == nil {
            let object = object
            guard method == .put || method == .head, object.etag.isEmpty else {
                return .done(object)
            }
            return .failed(failure(.notAStore, code: "no-etag", key, place, StoreError(), now))
        }
        let code = error?.code ?? ""
        if status == 412 || code == "PreconditionFailed" { return .keyTaken }
        if method != .put, isMissing(code) { return .missing }
        if method == .put, let refused = refusal(error ?? StoreError()) {
            return .headerRefused(refused)
        }
        let name = code.isEmpty ? "http-\(status)" : code
        let said = error ?? StoreError()
        return .failed(failure(kind(said), code: name, key, place, said, now))
    }

    private func isMissing(_ code: String) -> Bool {
        switch code {
        case "NoSuchKey", "NoSuchVersion", "NotFound": true
        case "": status == 404 || header("x-amz-delete-marker") != nil
        default: false
        }
    }

    /// Which optional header the store refuses, if that is what this answer says.
    ///
    /// The outer nothing: it does not say so. A code alone may mean any header, so a 400 counts
    /// only when its text names one.
    private func refusal(_ error: StoreError) -> OptionalHeader?? {
        let isNotImplemented = status == 501 || error.code == "NotImplemented"
        let mayName = ["InvalidArgument", "InvalidRequest", "InvalidHeader", "UnsupportedHeader"]
        guard isNotImplemented || mayName.contains(error.code) else { return nil }
        let text = (error.header + " " + error.message).lowercased()
        if text.contains("checksum") || text.contains("crc64") { return .some(.checksum) }
        if text.contains("if-none-match") || text.contains("conditional") {
            return .some(.ifNoneMatch)
        }
        return isNotImplemented ? .some(nil) : nil
    }

    private func kind(_ error: StoreError) -> ErrorKind {
        // Any 503 asks for less, with a body or without (parse-server-s3-adapter#599).
        if status == 503 { return .throttling }
        if let kind = ErrorKind(code: error.code) {
            guard kind == .denied, error.message.lowercased().contains("expired") else {
                return kind
            }
            // AWS has no code of its own for a signed URL that is too old.
            return .clock
        }
        if error.code.isEmpty, status == 400, header("x-amz-bucket-region") != nil {
            return .region
        }
        // An error document under a good status: not known to be final.
        return (200..<300).contains(status) ? .transient : ErrorKind(status: status)
    }
}

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
    ///   - isTagged: Whether what was stored has an ETag, which then must be there.
    ///   - deed: What it was asked for; for the text of a failure.
    /// - Returns: What it means; a failure's text is ready for people.
    public func meaning(
        of method: HTTPMethod,
        _ key: ObjectKey,
        at place: StorePlace,
        now: Timestamp,
        isTagged: Bool = true,
        for deed: Deed = .upload
    ) -> AnswerMeaning {
        let rules = place.dialect.rules
        let isGood = (200..<300).contains(status)
        // The body of a good GET is the object, which may itself be an error document.
        let error = isGood && method == .get ? nil : rules.error(in: self)
        if isGood, error == nil {
            let object = rules.object(in: self)
            guard method == .put || method == .head, object.etag.isEmpty, isTagged else {
                return .done(object)
            }
            return .failed(
                failure(.notAStore, code: "no-etag", key, place, StoreError(), now, deed)
            )
        }
        let said = error ?? StoreError()
        if rules.isKeyTaken(self, said) { return .keyTaken }
        if Self.uploadIsGone.contains(said.code) { return .noUpload }
        if method != .put, rules.isMissing(self, said) { return .missing }
        if method == .put || method == .post, let refused = rules.refusal(in: self, said) {
            return .headerRefused(refused)
        }
        let name = said.code.isEmpty ? "http-\(status)" : said.code
        return .failed(failure(kind(said, rules), code: name, key, place, said, now, deed))
    }

    /// What stores say of an upload in parts that they do not know, or not any more.
    private static let uploadIsGone: Set = ["NoSuchUpload", "InvalidBlockList"]

    func kind(_ error: StoreError, _ rules: any DialectRules) -> ErrorKind {
        // Any 503 asks for less, with a body or without (parse-server-s3-adapter#599).
        if status == 503 { return .throttling }
        if let kind = rules.kind(of: error, in: self) { return kind }
        if let kind = ErrorKind(code: error.code) {
            guard kind == .denied, error.message.lowercased().contains("expired") else {
                return kind
            }
            // AWS has no code of its own for a signed URL that is too old.
            return .clock
        }
        // An error document under a good status: not known to be final.
        return (200..<300).contains(status) ? .transient : ErrorKind(status: status)
    }
}

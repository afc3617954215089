// SPDX-License-Identifier: Apache-2.0
internal import Crypto
internal import HTTP
public import Jobs
internal import Objects

/// Fetches a link once, as anyone will who gets it, before it is published.
///
/// It asks for the first byte by GET: the signature of a GET link does not cover a HEAD, which
/// would be refused (S3Mock#125).
public struct LinkProof: Sendable {
    let channel: StoreChannel
    private let uploads: Endpoint?
    let caFile: String?

    /// Makes the prover of one store's links.
    ///
    /// - Parameters:
    ///   - channel: To the store, with the endpoint that links name.
    ///   - uploads: The endpoint that uploads go to; where it is another, failures name both.
    ///   - caFile: Certificates to trust for this store.
    public init(channel: StoreChannel, uploads: Endpoint? = nil, caFile: String? = nil) {
        self.channel = channel
        self.uploads = uploads == channel.place.endpoint ? nil : uploads
        self.caFile = caFile
    }

    private var place: StorePlace { channel.place }

    /// Makes a link, fetches it and compares what answers with the receipt of the upload.
    ///
    /// - Parameters:
    ///   - key: What the link leads to.
    ///   - receipt: What the upload ended with.
    ///   - make: Makes the link; again where it turns out that this machine's clock was wrong, or
    ///     that the machine slept meanwhile. The last that it made is the one that was proven.
    /// - Returns: Nothing when the link serves the object; otherwise why not, or what `make` threw.
    public func prove(
        _ key: ObjectKey,
        receipt: Receipt,
        _ make: () async throws(Failure) -> SignedURL
    ) async -> Failure? {
        await prove(key, receipt, isMadeAnew: true, make)
    }

    /// Fetches a link and compares what answers with the receipt of the upload.
    ///
    /// - Returns: Nothing when the link serves the object; otherwise why not.
    public func prove(_ url: SignedURL, of key: ObjectKey, receipt: Receipt) async -> Failure? {
        await prove(key, receipt, isMadeAnew: false) { () throws(Failure) in url }
    }

    private func prove(
        _ key: ObjectKey,
        _ receipt: Receipt,
        isMadeAnew: Bool,
        _ make: () async throws(Failure) -> SignedURL
    ) async -> Failure? {
        var failure = await fetch(key, receipt, isMadeAnew: isMadeAnew, make)
        if let uploads {
            failure?.message +=
                " Links lead to \(place.endpoint) (\(place.dialect.words.linkSetting)), uploads go to "
                + "\(uploads)."
        }
        return failure
    }

    private func fetch(
        _ key: ObjectKey,
        _ receipt: Receipt,
        isMadeAnew: Bool,
        _ make: () async throws(Failure) -> SignedURL
    ) async -> Failure? {
        do {
            let response = try await channel.fetch(isMadeAnew: isMadeAnew) {
                HTTPRequest(
                    method: "GET",
                    url: try await make().reveal(),
                    headers: [("range", "bytes=0-0")],
                    caFile: caFile
                )
            }
            return judge(response, key, receipt)
        } catch let failure as Failure {
            return failure
        } catch HTTPError.answerTooLarge {
            return unproven(key, "with the whole object instead of its first byte")
        } catch let error as HTTPError {
            return unfetched(error, key)
        } catch {
            // The task was cancelled in a pause.
            return unfetched(.unavailable(reason: "\(error)"), key)
        }
    }

    private func unfetched(_ error: HTTPError, _ key: ObjectKey) -> Failure {
        let what = "the link to \(key) could not be fetched"
        let setting = uploads == nil ? "`endpoint:`" : place.dialect.words.linkSetting
        var failure = Failure(error, what, place, setting: setting)
        if uploads != nil, failure.code == "network" {
            // Behind some routers a machine cannot reach its own public address.
            failure.message +=
                " If only this machine cannot reach it, set `prove: off` in the template's `link:`."
        }
        return failure
    }

    private func judge(
        _ response: HTTPResponse,
        _ key: ObjectKey,
        _ receipt: Receipt
    ) -> Failure? {
        let answer = StoreAnswer(response)
        switch response.status {
        case 206:
            let size = response.headers["content-range"].flatMap(Self.total)
            return size == receipt.size && sameTag(answer, receipt) ? nil : differs(key)
        case 200:
            // The whole object, of an empty one or from a store that ignores ranges.
            let isSame =
                Int64(response.body.count) == receipt.size
                && Array(SHA256.hash(data: response.body)) == receipt.sha256
            return isSame ? nil : differs(key)
        case 416 where receipt.size == 0:
            return nil
        default:
            return failure(answer, key)
        }
    }

    private func failure(_ answer: StoreAnswer, _ key: ObjectKey) -> Failure {
        switch answer.meaning(of: .get, key, at: place, now: channel.now) {
        case .failed(let failure) where failure.advice == .parkStore:
            Failure(
                .parkStore,
                code: failure.code,
                message: "the link to \(key) was refused by the store: \(failure.message) "
                    + place.dialect.words.linkCure
            )
        case .failed(let failure):
            failure
        case .missing:
            Failure(
                .retry,
                code: "NoSuchKey",
                message: "the link to \(key) finds no such object in \(place); it is tried again "
                    + "later. Check that \(place.dialect.words.linkSetting) leads to the same "
                    + "\(place.dialect.words.bucket)."
            )
        case .done, .keyTaken, .headerRefused, .noUpload:
            unproven(key, "with HTTP \(answer.status), which says nothing")
        }
    }

    private func unproven(_ key: ObjectKey, _ answered: String) -> Failure {
        Failure(
            .hold,
            code: "link-unproven",
            message: "the link to \(key) at \(place) was answered \(answered); it was not "
                + "published and waits. Check what stands between, or set `prove: off` in the "
                + "template's `link:`."
        )
    }

    private func sameTag(_ answer: StoreAnswer, _ receipt: Receipt) -> Bool {
        let etag = answer.object(as: place.dialect).etag
        // Some content networks take the ETag away; the size still has to be right.
        return etag.isEmpty || etag == receipt.etag
    }

    private func differs(_ key: ObjectKey) -> Failure {
        Failure(
            .giveUp,
            code: "link-differs",
            message: "the link to \(key) at \(place) serves another object than was uploaded; it "
                + "was not published. Check who else writes this key and that "
                + "\(place.dialect.words.linkSetting) leads to the same "
                + "\(place.dialect.words.bucket), then `presignd retry`."
        )
    }

    /// The whole size in `bytes 0-0/12345` (RFC 9110, section 14.4).
    private static func total(_ range: String) -> Int64? {
        guard range.hasPrefix("bytes 0-0/") else { return nil }
        return Int64(range.dropFirst(10))
    }
}

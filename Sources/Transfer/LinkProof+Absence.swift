// SPDX-License-Identifier: Apache-2.0
internal import HTTP
public import Jobs
internal import Objects

extension LinkProof {
    /// Fetches a link that ought to serve nothing any more, as whoever has it will.
    ///
    /// - Returns: What answers it.
    public func look(at url: SignedURL) async -> LinkSight {
        let request = HTTPRequest(
            method: "GET",
            url: url.reveal(),
            headers: [("range", "bytes=0-0")],
            caFile: caFile
        )
        do {
            let response = try await channel.fetch(isMadeAnew: false) { request }
            switch response.status {
            // An empty object has no first byte.
            case 200..<300, 416:
                let isCached =
                    response.headers["age"] != nil
                    || response.headers["x-cache"]?.lowercased().hasPrefix("hit") == true
                return .serves(cached: isCached)
            case 404, 410: return .gone(status: response.status)
            // Who may not list a bucket is told this of an object that is not there.
            case 403: return .refused(status: response.status)
            default: return .unknown("it was answered HTTP \(response.status)")
            }
        } catch HTTPError.answerTooLarge {
            return .serves(cached: false)
        } catch {
            return .unknown("\(error)")
        }
    }
}

/// What whoever has a URL gets from it.
public enum LinkSight: Hashable, Sendable {
    /// Nothing: there is no such object.
    case gone(status: Int)
    /// Nothing: it is refused.
    case refused(status: Int)
    /// The object; perhaps from a cache on the way.
    case serves(cached: Bool)
    /// Nobody knows: there was no answer that says it.
    case unknown(String)
}

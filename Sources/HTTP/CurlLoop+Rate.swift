// SPDX-License-Identifier: Apache-2.0

import CCurl

extension CurlLoop {
    /// Changes the limit on bodies that are sent.
    func limitUploads(to rate: Int64?) {
        events.rate.bucket.setRate(rate, at: Clock.now())
    }

    /// Lets those go on whose turn has come.
    func serveLine(at now: Int64) {
        let rate = events.rate
        var granted: Int64 = 0
        while let claim = rate.next(after: granted, at: now) {
            switch claim {
            case .body(let handle):
                granted += rate.isLimited ? Int64(rate.bucket.grain) : 0
                handle.resume()
                mustPerform = true
            case .request(let transfer):
                admit(transfer, at: now, isItsTurn: true)
            }
        }
    }
}

extension EasyHandle {
    /// Goes on with a body that was paused; libcurl asks for its next bytes when it performs.
    func resume() {
        hasTurn = true
        _ = unsafe curl_easy_pause(easy, CURLPAUSE_CONT)
    }
}

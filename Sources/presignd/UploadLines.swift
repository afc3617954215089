// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs

/// What is told of an upload in plain lines.
enum UploadLines {
    /// What became of a file, where that is told on standard error.
    static func line(_ result: UploadResult, _ style: ProgressStyle) -> String? {
        let path = Columns.safe(result.path)
        let reason = Columns.safe(result.problem ?? "no reason known")
        switch result.meaning {
        case .waiting: return style == .quiet ? nil : "\(path) waits: \(reason)"
        case .failed: return "\(path) has no link: \(reason)"
        case .done:
            guard style == .plain else { return nil }
            return "\(path) is done" + (result.size.map { " (\(QuantityWords.size($0)))" } ?? "")
        }
    }

    /// How far an upload is.
    static func sum(_ upload: UploadTally) -> String {
        var words = ["\(upload.done + upload.failed) of \(QuantityWords.files(upload.files))"]
        if upload.total > 0 {
            let (bytes, total) = (upload.bytes, upload.total)
            words.append("\(QuantityWords.size(bytes)) of \(QuantityWords.size(total))")
            words.append("\(upload.percent)%")
        }
        if let rate = upload.pace.rate { words.append(QuantityWords.rate(rate)) }
        if let left = upload.timeLeft { words.append("\(QuantityWords.time(left)) left") }
        if upload.waiting > 0 { words.append("\(upload.waiting) waiting") }
        if upload.failed > 0 { words.append("\(upload.failed) failed") }
        return words.joined(separator: ", ")
    }

    /// What came of an upload.
    static func end(_ upload: UploadTally) -> String {
        var text = "\(upload.done) of \(QuantityWords.files(upload.files)) done"
        if upload.total > 0 {
            text += ", \(QuantityWords.size(upload.total)) sent"
        }
        return text + " in \(QuantityWords.time(upload.elapsed))"
    }
}

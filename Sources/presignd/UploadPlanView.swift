// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs

/// What `presignd upload --dry-run` prints.
enum UploadPlanView {
    /// The plan for people: what holds for all files, one line a file, and the sum.
    static func text(_ plan: UploadPlanReport) -> String {
        let rows = plan.files.map(row)
        let widths = (0..<3).map { column in
            rows.map { Columns.width(of: $0[column]) }.max() ?? 0
        }
        let lines = rows.map { row in
            [
                row[0] + String(repeating: " ", count: widths[0] - Columns.width(of: row[0])),
                Columns.right(row[1], widths[1]),
                Columns.right(row[2], widths[2]),
                row[3],
            ].joined(separator: "  ")
        }
        return (head(plan) + lines + [sum(plan)]).joined(separator: "\n")
    }

    /// The plan for scripts: one object a file, and the sum.
    static func json(_ plan: UploadPlanReport) throws -> String {
        let files = try plan.files.map { try JSONText.line(UploadEvent("planned", $0)) }
        let summary = try JSONText.line(UploadEvent("summary", PlanSummary(plan)))
        return (files + [summary]).joined(separator: "\n")
    }

    private static func head(_ plan: UploadPlanReport) -> [String] {
        let sinks = plan.publish.isEmpty ? "nowhere" : plan.publish.joined(separator: ", ")
        return [
            "Template \(plan.template): to bucket \(Columns.safe(plan.bucket)) of store "
                + "\(plan.store); links work for \(QuantityWords.length(plan.expiresIn)) and are "
                + "published to: \(sinks)"
        ]
    }

    /// What is done, size, parts; name with key and reason.
    private static func row(_ file: PlannedFile) -> [String] {
        var parts = ""
        if let count = file.parts {
            parts = file.partSize.map { "\(count) x \(QuantityWords.size($0))" } ?? "whole"
        }
        var name = Columns.safe(file.path)
        if let key = file.key { name += " -> \(Columns.safe(key))" }
        if let reason = file.reason { name += ": \(Columns.safe(reason))" }
        return [word(file.action), file.size.map(QuantityWords.size) ?? "", parts, name]
    }

    private static func word(_ action: PlannedAction) -> String {
        switch action {
        case .send: "send"
        case .keep: "has a link"
        case .follow: "on its way"
        case .hold: "would wait"
        case .refuse: "no link"
        case .ignore: "ignored"
        }
    }

    private static func sum(_ plan: UploadPlanReport) -> String {
        let summary = PlanSummary(plan)
        var words = [
            "\(QuantityWords.files(summary.send)) would be sent "
                + "(\(QuantityWords.size(summary.bytes)))"
        ]
        if summary.keep > 0 { words.append("\(summary.keep) with a link already") }
        if summary.follow > 0 { words.append("\(summary.follow) on the way") }
        if summary.refused > 0 { words.append("\(summary.refused) would get no link") }
        if summary.ignore > 0 { words.append("\(summary.ignore) ignored") }
        return words.joined(separator: ", ") + ". Nothing was done."
    }
}

/// How many files each action has, and what holds for all of them.
struct PlanSummary: Encodable {
    var template: String
    var store: String
    var bucket: String
    var publish: [String]
    var expiresIn: Int
    var send = 0
    var keep = 0
    var follow = 0
    var refused = 0
    var ignore = 0
    /// Bytes to be sent.
    var bytes: Int64 = 0

    init(_ plan: UploadPlanReport) {
        template = plan.template
        store = plan.store
        bucket = plan.bucket
        publish = plan.publish
        expiresIn = plan.expiresIn
        for file in plan.files {
            switch file.action {
            case .send:
                send += 1
                bytes += file.size ?? 0
            case .keep: keep += 1
            case .follow: follow += 1
            case .ignore: ignore += 1
            case .hold, .refuse: refused += 1
            }
        }
    }

    enum CodingKeys: String, CodingKey {
        case template, store, bucket, publish, send, keep, follow, refused, ignore, bytes
        case expiresIn = "expires_in"
    }
}

// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTP
import Jobs
import Objects
import Sign
import Transfer

extension Service {
    /// Looks for what would keep the daemon from working: folders, keys, stores.
    ///
    /// Each S3 store is asked for an object that does not exist, with the keys that sign links; so
    /// wrong keys, a missing bucket and a wrong clock are found before the first file is.
    ///
    /// - Returns: One sentence for each problem; empty when all is well.
    public func problems() async -> [String] {
        var problems = folderProblems()
        let http = HTTPClient(HTTPOptions())
        for settings in configuration.stores.values.sorted(by: { $0.name < $1.name }) {
            guard case .s3 = settings.kind else { continue }
            let access = StoreAccess(
                settings,
                state: configuration.state,
                environment: surroundings.environment
            )
            if let problem = await Self.problem(of: settings, access, http) {
                problems.append("store \(settings.name): \(problem)")
            }
        }
        await http.shutdown()
        return problems
    }

    private func folderProblems() -> [String] {
        var problems: [String] = []
        for template in configuration.templates {
            guard unsafe access(template.watch, R_OK | X_OK) != 0 else { continue }
            problems.append(
                "folder \(template.watch) (template \(template.name)): "
                    + "\(SystemText.text(errno)); create it, or give presignd access"
            )
        }
        // The nearest folder that is there decides whether the missing ones can be made.
        var nearest = configuration.state
        while unsafe access(nearest, F_OK) != 0, let slash = nearest.lastIndex(of: "/") {
            nearest = slash == nearest.startIndex ? "/" : String(nearest[..<slash])
        }
        if unsafe access(nearest, W_OK | X_OK) != 0 {
            problems.append(
                "state folder \(configuration.state): \(nearest): \(SystemText.text(errno)); "
                    + "mend its owner and mode, or set another `state:` folder"
            )
        }
        return problems
    }

    private static func problem(
        of settings: StoreSettings,
        _ access: StoreAccess,
        _ http: HTTPClient
    ) async -> String? {
        let key = ObjectKey("presignd-check/\(UniqueID(at: WallClock.now()))")
        do {
            let request = ObjectRequest(.get, key, lifetime: 60)
            let signed = try access.links().presign(request, at: WallClock.now())
            let prover = LinkProof(
                http: http,
                place: access.place(of: settings, forLinks: true),
                caFile: settings.caFile,
                now: WallClock.now
            )
            let failure = await prover.prove(signed.url, of: key, receipt: .ofNothing)
            // A store that answers "no such key" has understood everything. One that hides what it
            // has from keys without s3:ListBucket says AccessDenied, which is right too.
            guard let failure, !["NoSuchKey", "AccessDenied"].contains(failure.code) else {
                return nil
            }
            return failure.message
        } catch let failure as Failure {
            return failure.message
        } catch {
            return "\(error)"
        }
    }
}

extension Receipt {
    /// What would prove an object that was never stored.
    fileprivate static let ofNothing = Receipt(
        size: 0,
        sha256: [],
        crc64nvme: 0,
        contentType: "",
        etag: "",
        integrity: .etag
    )
}

// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTP
import Jobs
import Objects
import Publish
import Sign
import Transfer

extension Service {
    /// Looks for what would keep the daemon from working: folders, keys, stores.
    ///
    /// Each store beyond this machine is asked for an object that does not exist, with the keys that
    /// sign links (and, where links lead elsewhere than uploads go, with the keys that upload too); so
    /// wrong keys, a missing bucket and a wrong clock are found before the first file is.
    ///
    /// - Returns: One sentence for each problem, none when all is well; and what a person should know.
    public func problems() async -> (problems: [String], doubts: [String]) {
        var doubts: [String] = []
        let http = HTTPClient(HTTPOptions())
        var problems = folderProblems() + sinkProblems(http)
        for settings in configuration.stores.values.sorted(by: { $0.name < $1.name }) {
            if case .local = settings.kind { continue }
            let access = StoreAccess(
                settings,
                state: configuration.state,
                environment: surroundings.environment
            )
            let routes: StoreRoutes
            do throws(StoreRouteError) {
                let environment = surroundings.environment
                routes = try StoreRoutes(settings, access, environment: environment)
            } catch {
                problems.append(error.description)
                continue
            }
            for side in Self.sides(of: settings, access, routes) {
                switch await Self.finding(of: side, caFile: settings.caFile, http) {
                case .fine: break
                case .denied: doubts.append(Self.doubt(of: settings.name))
                case .problem(let problem):
                    let front = "store \(settings.name): "
                    problems.append(problem.hasPrefix(front) ? problem : front + problem)
                }
            }
        }
        await http.shutdown()
        return (problems, doubts)
    }

    private static func doubt(of store: String) -> String {
        "store \(store) answered AccessDenied when it was asked for an object that is not there: so it "
            + "does to keys that may not list its bucket, but some stores (Ceph) do so to a wrong "
            + "key too; the first file will tell"
    }

    private func sinkProblems(_ http: HTTPClient) -> [String] {
        configuration.sinks.values.sorted { $0.name < $1.name }.compactMap { sink in
            PushSinks.problem(of: sink, surroundings.environment, http)
        }
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
        for store in configuration.stores.values.sorted(by: { $0.name < $1.name }) {
            guard let file = store.caFile, unsafe access(file, R_OK) != 0 else { continue }
            problems.append(
                "store \(store.name): ca_file \(file): \(SystemText.text(errno)); "
                    + "name a file of certificates in PEM that presignd can read"
            )
        }
        if let reason = Self.unwritable(configuration.state) {
            problems.append(
                "state folder \(configuration.state): \(reason); "
                    + "mend its owner and mode, or set another `state:` folder"
            )
        }
        for sink in configuration.sinks.values.sorted(by: { $0.name < $1.name }) {
            let reason: String?
            let path: String
            switch sink.kind {
            case .manifest(let file):
                (path, reason) = (file, Self.unwritable(file, isFolder: false))
            case .cards(let folder): (path, reason) = (folder, Self.unwritable(folder))
            case .webhook, .command, .standardOutput: continue
            }
            guard let reason else { continue }
            problems.append(
                "sink \(sink.name): \(path): \(reason); mend its owner and mode, or set another path"
            )
        }
        return problems
    }

    /// Why this user can neither write something nor make it: where it is missing, the nearest folder
    /// above it that is there decides.
    private static func unwritable(_ path: String, isFolder: Bool = true) -> String? {
        var nearest = path
        while unsafe access(nearest, F_OK) != 0, let slash = nearest.lastIndex(of: "/") {
            nearest = slash == nearest.startIndex ? "/" : String(nearest[..<slash])
            // A file in the place of a folder.
            guard unsafe access(nearest, F_OK) != 0 || access(nearest + "/", F_OK) == 0 else {
                return "\(nearest): \(SystemText.text(errno))"
            }
            if nearest == "/" { break }
        }
        var status = stat()
        guard unsafe stat(nearest, &status) == 0 else {
            return "\(nearest): \(SystemText.text(errno))"
        }
        let isFolderThere = status.st_mode & S_IFMT == S_IFDIR
        guard nearest != path || isFolder == isFolderThere else {
            return "\(nearest): \(SystemText.text(isFolder ? ENOTDIR : EISDIR))"
        }
        let wanted = isFolderThere ? W_OK | X_OK : W_OK
        return unsafe access(nearest, wanted) == 0 ? nil : "\(nearest): \(SystemText.text(errno))"
    }

    private struct Side {
        var place: StorePlace
        var uploads: Endpoint
        var route: HTTPRoute
        var signer: @Sendable (Timestamp) async throws(Failure) -> any URLSigner
    }

    private static func sides(
        of settings: StoreSettings,
        _ access: StoreAccess,
        _ routes: StoreRoutes
    ) -> [Side] {
        let uploads = access.uploadPlace.endpoint
        let links = Side(place: access.linkPlace, uploads: uploads, route: routes.links) {
            now throws(Failure) in try await access.links(at: now)
        }
        guard access.linkPlace.endpoint != uploads else { return [links] }
        let sending = Side(place: access.uploadPlace, uploads: uploads, route: routes.uploads) {
            now throws(Failure) in try await access.uploads(at: now)
        }
        return [sending, links]
    }

    private enum Finding {
        case fine
        case denied
        case problem(String)
    }

    private static func finding(
        of side: Side,
        caFile: String?,
        _ http: HTTPClient
    ) async -> Finding {
        let key = ObjectKey("presignd-check/\(UniqueID(at: WallClock.now()))")
        do {
            let request = ObjectRequest(.get, key, lifetime: 60)
            let now = WallClock.now()
            let signed = try await side.signer(now).presign(request, at: now)
            let channel = StoreChannel(
                http: http.routed(side.route),
                place: side.place,
                caFile: caFile,
                now: WallClock.now
            )
            let prover = LinkProof(channel: channel, uploads: side.uploads, caFile: caFile)
            let failure = await prover.prove(signed.url, of: key, receipt: .ofNothing)
            // A store that answers "no such key" has understood everything. One that hides what it
            // has from keys without s3:ListBucket says AccessDenied, which may be right too.
            switch failure?.code {
            case nil, "NoSuchKey": return .fine
            case "AccessDenied": return .denied
            default: return .problem(failure?.message ?? "")
            }
        } catch let failure as Failure {
            return .problem(failure.message)
        } catch {
            return .problem("\(error)")
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

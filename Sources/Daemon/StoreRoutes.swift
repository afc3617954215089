// SPDX-License-Identifier: Apache-2.0

import Credentials
import HTTP
import Jobs
import Objects

/// How requests to both sides of a store go out.
struct StoreRoutes: Hashable, Sendable {
    /// To where uploads go.
    var uploads: HTTPRoute
    /// To where links lead.
    var links: HTTPRoute

    /// Finds the proxies and reads their credentials.
    ///
    /// - Throws: `StoreRouteError`, which names the store, the file or variable, and the cure.
    init(
        _ settings: StoreSettings,
        _ access: StoreAccess,
        environment: [String: String]
    ) throws(StoreRouteError) {
        let transport = settings.transport
        let routes = try [access.uploadPlace, access.linkPlace].map {
            (place) throws(StoreRouteError) in
            HTTPRoute(
                proxy: try Self.proxy(of: settings, to: place.endpoint, environment),
                connectTimeout: transport.connectTimeout?.duration,
                answerTimeout: transport.answerTimeout?.duration,
                stallTime: transport.stallTimeout?.duration
            )
        }
        uploads = routes[0]
        links = routes[1]
    }

    /// The proxy to an endpoint beside the store: its STS.
    static func proxy(
        of settings: StoreSettings,
        to endpoint: Endpoint,
        _ environment: [String: String]
    ) throws(StoreRouteError) -> HTTPProxy? {
        switch settings.transport.proxy {
        case .none: return nil
        case .server(let server):
            guard let file = settings.transport.proxyCredentialsFile else {
                return HTTPProxy(server)
            }
            return HTTPProxy(server, try pair(in: file, store: settings.name, environment))
        case .environment:
            do throws(ProxyVariableError) {
                return try ProxyVariables(environment).proxy(to: endpoint)
            } catch {
                throw StoreRouteError(store: settings.name, problem: error.description)
            }
        }
    }

    private static func pair(
        in file: String,
        store: String,
        _ environment: [String: String]
    ) throws(StoreRouteError) -> (user: String, password: String) {
        let text: String
        do throws(CredentialError) {
            text = try CredentialFinder(environment: environment).secret(in: file).reveal()
        } catch {
            throw StoreRouteError(store: store, problem: "proxy_credentials_file: \(error)")
        }
        guard let colon = text.firstIndex(of: ":"), colon > text.startIndex else {
            throw StoreRouteError(
                store: store,
                problem: "proxy_credentials_file: \(file) has no name in front of its password; "
                    + "write NAME:PASSWORD into it"
            )
        }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }
}

/// A store cannot be reached as the settings say; its description names the cure.
struct StoreRouteError: Error, Hashable, CustomStringConvertible {
    var store: String
    var problem: String

    var description: String { "store \(store): \(problem)" }
}

extension HTTPProxy {
    init(_ server: ProxyServer, _ pair: (user: String, password: String)? = nil) {
        let scheme: Scheme =
            switch server.scheme {
            case .http: .http
            case .https: .https
            case .socks5h: .socks5h
            }
        self.init(
            scheme: scheme,
            host: server.host,
            port: server.port,
            user: pair?.user,
            password: pair?.password
        )
    }
}

import Foundation
import SwiftletGround
import SwiftletServer
import Testing

/// The description against the server that it describes. dev/clients/test_openapi.py has what takes a validator of JSON
/// Schema: whether answers are as described.
@Suite struct OpenAPITests {
    private static let methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]

    /// One operation of the description.
    private struct Operation {
        let method: String
        let path: String
        let body: JSONObject

        var access: String { body["x-swiftlet-access"]?.string ?? "none" }
        var name: String { "\(method) \(path)" }
    }

    private static func operations(_ document: JSONValue) throws -> [Operation] {
        try #require(document["paths"]?.object).flatMap { path in
            (path.value.object ?? JSONObject()).compactMap { member in
                guard methods.contains(member.key), let body = member.value.object else { return nil }
                return Operation(method: member.key.uppercased(), path: path.key, body: body)
            }
        }
    }

    @Test func whatIsDescribedIsWhatIsThere() throws {
        let operations = try Self.operations(OpenAPIDocument.json())
        let described = operations.map { Endpoint(method: $0.method, path: $0.path, access: $0.access) }
        #expect(Set(described).count == described.count)
        #expect(Set(described).subtracting(Endpoint.all) == [], "described, but not there")
        #expect(Set(Endpoint.all).subtracting(described) == [], "there, but not described")
    }

    @Test func operationsAreWhole() throws {
        let document = try OpenAPIDocument.json()
        #expect(document["info"]?["version"]?.string == ServerVersion.current)
        let tags = try #require(document["tags"]?.array).compactMap { $0["name"]?.string }
        let operations = try Self.operations(document)
        let names = operations.compactMap { $0.body["operationId"]?.string }
        #expect(Set(names).count == operations.count)
        for operation in operations {
            #expect(operation.body["summary"]?.string?.isEmpty == false, "\(operation.name)")
            let own = operation.body["tags"]?.array?.compactMap(\.string) ?? []
            #expect(own.count == 1 && own.allSatisfy(tags.contains), "\(operation.name)")
            let statuses = Set((operation.body["responses"]?.object ?? JSONObject()).map(\.key))
            // A page of a stranger may call nothing.
            #expect(statuses.contains("403"), "\(operation.name)")
            if operation.access == "open" {
                #expect(operation.body["security"] == [.object(JSONObject())], "\(operation.name)")
            } else {
                #expect(operation.body["security"] == nil, "\(operation.name)")
                #expect(statuses.isSuperset(of: ["401", "429", "503"]), "\(operation.name)")
            }
        }
    }

    @Test func referencesLeadSomewhereAndAllPartsAreUsed() throws {
        let document = try OpenAPIDocument.json()
        var references: Set<String> = []
        Self.collect(document, &references)
        #expect(references.count > 100)
        for reference in references {
            let steps = reference.split(separator: "/").dropFirst().map(String.init)
            let target = steps.reduce(Optional(document)) { $0?[$1] }
            #expect(reference.hasPrefix("#/components/") && target != nil, "\(reference)")
        }
        for kind in try #require(document["components"]?.object) where kind.key != "securitySchemes" {
            for part in kind.value.object ?? JSONObject() {
                #expect(references.contains("#/components/\(kind.key)/\(part.key)"), "\(kind.key) \(part.key)")
            }
        }
    }

    private static func collect(_ value: JSONValue, _ references: inout Set<String>) {
        switch value {
        case .object(let object):
            for member in object {
                if member.key == "$ref", let text = member.value.string { references.insert(text) }
                collect(member.value, &references)
            }
        case .array(let values): for value in values { collect(value, &references) }
        default: break
        }
    }

    @Test func theServerTellsIt() async throws {
        try await LiveServer.run(models: []) { server in
            let yaml = try await server.send("GET", "/openapi.yaml")
            #expect(yaml.status == 200 && yaml.header("Content-Type") == "application/yaml")
            let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: "Sources/SwiftletServer/OpenAPI/openapi.yaml")
            #expect(yaml.text == (try String(contentsOf: file, encoding: .utf8)))
            let json = try await server.send("GET", "/openapi.json")
            #expect(json.status == 200 && json.header("Content-Type") == "application/json; charset=utf-8")
            #expect(try json.json == OpenAPIDocument.json())
        }
    }

    /// Each example of a request gets its answer, in one of the forms that its operation has.
    @Test(.enabled(if: TestModel.isThere))
    func examplesAreAccepted() async throws {
        let document = try OpenAPIDocument.json()
        func resolved(_ value: JSONValue?) -> JSONValue? {
            guard let reference = value?["$ref"]?.string else { return value }
            return reference.split(separator: "/").dropFirst().reduce(Optional(document)) { $0?[String($1)] }
        }
        let operations = try Self.operations(document)
        var accepted = 0
        try await LiveServer.run(models: ["smollm2:135m"]) { server in
            for operation in operations {
                let body = resolved(operation.body["requestBody"])?["content"]?["application/json"]
                if operation.method == "POST", !operation.path.hasPrefix("/api/blobs") {
                    #expect(body?["examples"]?.object?.isEmpty == false, "\(operation.name) has no example")
                }
                for example in body?["examples"]?.object ?? JSONObject() {
                    let name = "\(operation.name) \(example.key)"
                    let mark = example.value["x-swiftlet-status"]
                    // What would fetch from elsewhere is not tried here.
                    if mark?.string == "network" { continue }
                    let request = try #require(example.value["value"], "\(name)")
                    let answer = try await server.send(operation.method, operation.path, request)
                    #expect(answer.status == mark?.integer ?? 200, "\(name): \(answer.text.prefix(200))")
                    let response = resolved(operation.body["responses"]?["\(answer.status)"])
                    let type = answer.header("Content-Type")?.split(separator: ";").first.map(String.init)
                    if let type { #expect(response?["content"]?[type] != nil, "\(name): \(type)") }
                    if let type, type != "application/json" {
                        #expect(request["stream"]?.bool ?? operation.path.hasPrefix("/api/"), "\(name)")
                    }
                    if mark == nil { accepted += 1 }
                }
            }
        }
        #expect(accepted > 30)
    }
}

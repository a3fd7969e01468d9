import SwiftletGround
import SwiftletTemplates
import Testing

/// Hostile templates: each must end in an error, soon, without filling memory or the stack.
@Suite struct LimitTests {
    @Test(arguments: [
        "{% for i in range(10**12) %}{% endfor %}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
        "{{ 'a' * 10**10 }}", "{{ [0] * 10**10 }}", "{{ (1, 2) * 10**18 }}", "{{ 10 ** 10 ** 10 }}",
        "{{ 9 ** 9 ** 9 ** 9 }}", "{{ 9223372036854775807 + 1 }}", "{{ 9223372036854775807 * 9223372036854775807 }}",
        "{{ (-9223372036854775807 - 1) // -1 }}", "{{ -(-9223372036854775807 - 1) }}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
        "{% macro a() %}{{ caller() }}{% endmacro %}{% macro b() %}{% call a() %}{{ b() }}{% endcall %}{% endmacro %}{{ b() }}",
        "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
        "{% set ns = namespace(s='xx') %}{% for i in range(99) %}{% set ns.s = ns.s.replace('x', ns.s) %}{% endfor %}",
        "{% set ns = namespace(s='xx') %}{% for i in range(99) %}{% set ns.s = ns.s | replace('', ns.s) %}{% endfor %}",
        "{% set ns = namespace(s='xx') %}{% for i in range(99) %}{% set ns.s = ns.s.join([ns.s, ns.s, ns.s]) %}{% endfor %}",
        "{% set ns = namespace(s='xx') %}{% for i in range(99) %}{% set ns.s = '%s%s' % (ns.s, ns.s) %}{% endfor %}",
        "{% set ns = namespace(s='xx') %}{% for i in range(99) %}{% set ns.s = '{0}{0}'.format(ns.s) %}{% endfor %}",
        "{% set ns = namespace(s='&') %}{% for i in range(99) %}{% set ns.s = ns.s | e %}{% endfor %}{% for i in range(99999) %}{% set ns.s = ns.s | e %}{% endfor %}",
        "{% set ns = namespace(s='xx') %}{% for i in range(99) %}{% set ns.s %}{{ ns.s }}{{ ns.s }}{% endset %}{% endfor %}",
        "{% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
        "{% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}",
        "{% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l | tojson }}",
        "{% set ns = namespace(l=[1], m=[1]) %}{% for i in range(99) %}{% set ns.l = [ns.l, ns.l] %}{% set ns.m = [ns.m, ns.m] %}{% endfor %}{{ ns.l == ns.m }}",
        "{% set ns = namespace(l=[1], m=[1]) %}{% for i in range(99) %}{% set ns.l = [ns.l, ns.l] %}{% set ns.m = [ns.m, ns.m] %}{% endfor %}{{ ns.l < ns.m }}",
        "{% set ns = namespace(l=(1,)) %}{% for i in range(99) %}{% set ns.l = (ns.l, ns.l) %}{% endfor %}{{ {ns.l: 1} }}",
        "{% set ns = namespace(l=1) %}{% for i in range(99999) %}{% set ns.l = [ns.l] %}{% endfor %}",
        "{% set ns = namespace(l=1) %}{% for i in range(99999) %}{% set ns.l = {'a': ns.l} %}{% endfor %}",
        "{% set ns = namespace() %}{% set ns.a = ns %}{{ ns }}",
        "{{ '%1000000000d' % 1 }}", "{{ '%*d' % (10**9, 1) }}", "{{ '{:>1000000000}'.format(1) }}",
        "{{ '%.1000000000f' % 1.5 }}", "{{ 'a'.center(10**9) }}", "{{ 'a'.zfill(10**18) }}", "{{ 'a'.ljust(10**9) }}",
        "{{ 'a'|indent(10**9) }}", "{{ ('a\n' * 1000000) | indent('x' * 1000) }}", "{{ [[1]]|tojson(indent=10**9) }}",
        "{{ [1]|batch(10**9, 0)|list }}", "{{ [1]|slice(10**9)|list }}", "{{ ('a\t' * 1000).expandtabs(10**9) }}",
        "{{ ('a' * 1000000)|list|map('string')|list|join('x' * 100000) }}",
        "{% set s = 'a' * 100000 %}{% for i in range(99999) %}{% for j in range(99) %}{{ 'b' in s }}{% endfor %}{% endfor %}",
        "{% set s = 'a' * 1000000 %}{% for i in range(99999) %}{% for j in range(99) %}{% if s[-1] == s[999] %}{% endif %}{% endfor %}{% endfor %}",
        "{% set s = 'a' * 1000000 %}{% for i in range(99999) %}{% for j in range(99) %}{% if s|length == s.upper()|length %}{% endif %}{% endfor %}{% endfor %}",
        "{% set l = range(99999)|list %}{% for i in l %}{% if l == l[:] %}{% endif %}{% endfor %}",
        "{% set l = range(99999)|list %}{% for i in l %}{% if -1 in l %}{% endif %}{% endfor %}",
        "{% set l = range(99999)|list %}{% for i in l %}{% set x = l|sort|sum %}{% endfor %}",
        "{% for i in range(99999) %}{% set x = range(99999) %}{% endfor %}",
        "{% for i in range(99999) %}{{ range(99999) }}{% endfor %}",
        "{% macro f(x) %}{{ x }}{% endmacro %}{% for i in range(99999) %}{{ f('y' * 10000) }}{% endfor %}",
    ])
    func hostileTemplatesEnd(_ source: String) throws {
        let template = try ChatTemplate(source: source)
        var limits = TemplateLimits()
        // A fraction of the usual ones, so that tests in debug builds are quick.
        limits.steps /= 50
        limits.madeBytes /= 50
        limits.outputBytes /= 50
        let clock = ContinuousClock.now
        let error = #expect(throws: TemplateError.self, "\(source)") { try template.render([:], limits: limits) }
        #expect(error?.code == .limit, "\(source)")
        #expect(ContinuousClock.now - clock < .seconds(30), "\(source)")
    }

    @Test(arguments: [
        ("{{ ", "(", "1", ")", " }}"), ("{{ ", "[", "1", "]", " }}"), ("{{ ", "not ", "x", "", " }}"),
        ("{{ ", "- ", "1", "", " }}"), ("{{ x", ".a", "", "", " }}"), ("{{ x", "[0]", "", "", " }}"),
        ("{{ x", "()", "", "", " }}"), ("{{ x", "|e", "", "", " }}"), ("{{ 1", "+1", "", "", " }}"),
        ("{{ 1", " if x else 1", "", "", " }}"), ("{{ x", " or x", "", "", " }}"),
        ("{{ 1", "**1", "", "", " }}"), ("{{ ", "{1:", "1", "}", " }}"), ("", "{% if x %}", "", "{% endif %}", ""),
        ("", "{% for x in y %}", "", "{% endfor %}", ""), ("{% if x %}", "{% if x %}", "", "", ""),
        ("", "{% macro f() %}", "", "{% endmacro %}", ""), ("{% set ", "(", "x", ")", " = 1 %}"),
        ("", "{% set x %}", "", "{% endset %}", ""), ("{{ ", "f(", "", ")", " }}"),
        ("{% filter e", "|e", "", "", " %}"),
    ])
    func deepSourcesAreRefused(_ parts: (String, String, String, String, String)) throws {
        for count in [5_000, 40_000] {
            let source =
                parts.0 + String(repeating: parts.1, count: count) + parts.2
                + String(repeating: parts.3, count: count) + parts.4
            let error = #expect(throws: TemplateError.self) { try ChatTemplate(source: source) }
            #expect(error?.code == .limit)
        }
    }

    @Test func theDeepestAllowedSourceRuns() throws {
        let limits = TemplateLimits()
        for count in stride(from: limits.sourceDepth, to: 1, by: -1) {
            let source =
                "{{ " + String(repeating: "(not ", count: count) + "1" + String(repeating: ")", count: count) + " }}"
            guard let template = try? ChatTemplate(source: source) else { continue }
            #expect(count > 30)
            #expect(try template.render([:]) == (count % 2 == 0 ? "True" : "False"))
            return
        }
        Issue.record("nothing was allowed")
    }

    @Test func longConcatenationsAndElifChainsAreNoNesting() throws {
        let concatenation = "{{ ''" + String(repeating: " ~ 'a'", count: 20_000) + " }}"
        #expect(try ChatTemplate(source: concatenation).render([:]).utf8.count == 20_000)
        let chain = "{% if 0 %}" + String(repeating: "{% elif 0 %}", count: 20_000) + "{% else %}b{% endif %}"
        #expect(try ChatTemplate(source: chain).render([:]) == "b")
    }

    @Test func hugeSourcesAndDeepVariablesAreRefused() throws {
        let huge = String(repeating: "x", count: TemplateLimits().sourceBytes + 1)
        #expect(#expect(throws: TemplateError.self) { try ChatTemplate(source: huge) }?.code == .limit)
        var value: JSONValue = 1
        for _ in 0..<2_000 { value = [value] }
        let template = try ChatTemplate(source: "{{ x }}")
        #expect(#expect(throws: TemplateError.self) { try template.render(["x": value]) }?.code == .limit)
    }

    @Test func chainsOfNamespacesAndMacrosAreReleased() throws {
        let source = """
            {% set ns = namespace(p=0) %}{% for i in range(20000) %}{% set ns.p = namespace(p=ns.p) %}{% endfor %}
            {% macro wrap(f) %}{% macro inner() %}{{ f }}{% endmacro %}{% set ns.f = inner %}{% endmacro %}
            {% for i in range(2000) %}{% set x = wrap(ns.f) %}{% endfor %}ok
            """
        #expect(try ChatTemplate(source: source).render([:]).hasSuffix("ok"))
    }
}

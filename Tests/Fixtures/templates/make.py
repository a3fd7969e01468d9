"""Makes jinja2.json: small templates and what Jinja2 renders, set up as Hugging Face's chat templates are.

Run with Jinja2 3.1.6 on Python 3.11: python3 make.py > jinja2.json
A case is [template, variables, text], or [template, variables, null] where Jinja2 raises.
"""

import datetime
import json

import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


NOW = datetime.datetime(2026, 1, 2, 3, 4, 5)
env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
env.filters["tojson"] = tojson
env.globals["raise_exception"] = raise_exception
env.globals["strftime_now"] = NOW.strftime

V = {
    "s": "Hello, wörld", "e": "", "n": 3, "z": 0, "f": 2.5, "neg": -7, "t": True, "no": False, "nil": None,
    "l": [3, 1, 2], "w": ["b", "A", "c", "a"], "el": [], "d": {"b": 1, "a": [1, "x"], "items": 9, "c d": None}, "ed": {},
    "m": [{"role": "system", "content": " S "}, {"role": "user", "content": "Hi\n", "x": {"y": 2}},
          {"role": "assistant", "content": "<b>'q' & \"r\"</b>", "x": {"y": 1}}, {"role": "user", "content": "Bye"}],
    "u": "é漢😀", "p": "  a b\tc \n", "nested": [[1, [2, 3]], {"k": [1, 2]}], "big": 9007199254740993, "fl": [1.0, 1e16, 1e-5, 0.1],
}

T = r"""
{{ s }}|{{ e }}|{{ n }}|{{ f }}|{{ t }}|{{ no }}|{{ nil }}|{{ missing }}|{{ l }}|{{ d }}|{{ u }}
{{ [s, e, n, f, t, nil, l, d, u, 'it\'s', "q\"'", '\n\t\\'] }}
{{ (1,) }}{{ () }}{{ (1, 2) }}{{ 1, 2 }}{{ {} }}{{ {'a': 1, "b": (1, 'x'), 3: none, true: 1.5} }}
{{ 1e16 }} {{ 1.5e-7 }} {{ 100000.0 }} {{ 1_000 }} {{ 0x1F }} {{ 0b101 }} {{ 0o17 }} {{ 1e3 }} {{ 12345678901234.5 }} {{ fl }}
{{ 1 + 2 * 3 - 4 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 2 ** 10 }} {{ 2 ** -1 }} {{ 2 ** 3 ** 2 }} {{ -2 ** 2 }}
{{ 7.5 // 2 }} {{ -7.5 % 2 }} {{ 7.5 % -2 }} {{ 1 / 3 }} {{ 10 / 2 }} {{ 1.0 * 3 }} {{ 0.1 + 0.2 }} {{ 5 // 0.3 }} {{ 1e308 * 10 }} {{ -3 // -2 }}
{{ true + true }} {{ true * 3 }} {{ -true }} {{ +no }} {{ 'a' + 'b' }} {{ 'ab' * 3 }} {{ 3 * 'x' }} {{ [1] + [2] }} {{ [1, 2] * 2 }} {{ (1,) + (2,) }} {{ 'x' * -1 }}|
{{ 'a' ~ 1 ~ none ~ 2.0 ~ [1] ~ missing ~ 'z' }} {{ 1 ~ 2 }} {{ '1' + 2 ~ 3 + '4' }}
{{ 1 < 2 }} {{ 1 < 2 < 3 }} {{ 1 < 2 > 3 }} {{ 'a' < 'b' }} {{ 'Z' < 'a' }} {{ [1, 2] < [1, 3] }} {{ (1,) == (1,) }} {{ 1 == 1.0 }} {{ 1 == true }} {{ '1' == 1 }} {{ none == none }} {{ missing == missing }} {{ missing == none }}
{{ 1 in l }} {{ 5 in l }} {{ 5 not in l }} {{ 'ell' in s }} {{ '' in s }} {{ 'b' in d }} {{ 'zz' in d }} {{ 1 in (1, 2) }} {{ missing in l }} {{ 1 in missing }} {{ 1.0 in l }}
{{ not t }} {{ not missing }} {{ t and n }} {{ z and n }} {{ z or s }} {{ missing or 'd' }} {{ not z == 0 }} {{ t and not no }} {{ e or el or ed or 0 or nil }}
{{ 'y' if t else 'n' }} {{ 'y' if no }}| {{ 'a' if no else 'b' if no else 'c' }} {{ ('a' if t) ~ 'b' }} {{ 1 if t if no else 2 }}
{{ s[0] }} {{ s[-1] }} {{ s[1:4] }} {{ s[::-1] }} {{ s[::2] }} {{ s[-3:] }} {{ s[:-3] }} {{ s[10:2:-2] }} {{ u[1] }} {{ u[::-1] }} {{ s[100] }}|{{ s[50:60] }}|
{{ l[0] }} {{ l[-1] }} {{ l[1:] }} {{ l[::-1] }} {{ l[5] }}|{{ (1, 2, 3)[1:] }} {{ l[-100:100] }} {{ l[2:0:-1] }} {{ range(10)[2:5]|list }} {{ l[true] }} {{ l[none:2] }}
{{ d.b }} {{ d['b'] }} {{ d.a[1] }} {{ d.a.1 }} {{ d['c d'] }} {{ d.zz }}| {{ d['zz'] is defined }} {{ d['items'] }} {{ d.items() }} {{ d.get('b') }} {{ d.get('q') }} {{ d.get('q', 5) }}
{{ d.keys() }} {{ d.values()|list }} {{ d.keys()|list }} {{ d.items()|list }} {{ d|items|list }} {{ d|length }} {{ d|list }} {{ d.copy() == d }}
{{ m[1].x.y }} {{ m[0].x is defined }} {{ m[0]['x'] is undefined }} {{ m[-1].role }} {{ m[0].content|trim }}|
{% if n > 2 %}a{% elif n > 1 %}b{% else %}c{% endif %}{% if no %}x{% elif t %}y{% endif %}{% if no %}x{% endif %}
{% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ x }};{% endfor %}
{% for x in l %}{{ loop.previtem }}<{{ x }}<{{ loop.nextitem }}|{{ loop.cycle('a', 'b') }}{{ loop.depth }}{{ loop.depth0 }} {% endfor %}
{% for x in [1, 1, 2, 2, 1] %}{% if loop.changed(x) %}{{ x }}{% endif %}{% endfor %}
{% for x in el %}{{ x }}{% else %}none{% endfor %}{% for x in missing %}x{% else %}empty{% endfor %}
{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}{% for k in d %}{{ k }},{% endfor %}{% for c in u %}[{{ c }}]{% endfor %}
{% for k, (a, b) in [(1, (2, 3)), (4, [5, 6])] %}{{ k }}{{ a }}{{ b }} {% endfor %}{% for a, b in ['xy', 'zw'] %}{{ a }}-{{ b }} {% endfor %}
{% for x in range(10) if x is odd %}{{ loop.index }}:{{ x }}/{{ loop.length }} {% endfor %}{% for x in l if x > 9 %}x{% else %}no{% endfor %}
{% for x in range(10) %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 5 %}{% break %}{% endif %}{{ x }}{% endfor %}
{% for x in [1, 2] %}{% for y in [3, 4] %}{{ loop.index }}{{ loop.depth }}{{ x }}{{ y }} {% endfor %}{{ loop.index }}{% endfor %}
{% for x in [[1, [2]], [3]] recursive %}{% if x is iterable %}({{ loop(x) }}){% else %}{{ x }}d{{ loop.depth }}{% endif %}{% endfor %}
{% for x in [{'n': 1, 'c': [{'n': 2}, {'n': 3, 'c': []}]}] recursive %}{{ x.n }}{% if x.c %}<{{ loop(x.c) }}>{% endif %}{% endfor %}
{% set x = 0 %}{% for i in l %}{{ x }}{% set x = i %}{{ x }}{% endfor %}{{ x }}
{% set ns = namespace(x=0, l=[]) %}{% for i in l %}{% set ns.x = ns.x + i %}{% set ns.l = ns.l + [i] %}{% endfor %}{{ ns.x }}{{ ns.l }}{{ ns.zz is defined }}{{ ns['x'] }}
{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns.b }}{% set ns.c = ns %}{{ ns.c.c.a }}
{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set (a, b) = (b, a) %}{{ a }}{{ b }}{% set t1 = 1, 2 %}{{ t1 }}
{% if no %}{% set y = 1 %}{% endif %}{{ y is defined }}{% if t %}{% set y = 2 %}{% endif %}{{ y }}{% set s = s ~ '!' %}{{ s }}
{% set x %}  a {{ n }}
 b{% endset %}[{{ x }}]{% set y | upper | trim %} abc {% endset %}[{{ y }}]{{ x is string }}
{% macro f(a, b=2, c='x' ~ a) %}{{ a }}{{ b }}{{ c }};{% endmacro %}{{ f(1) }}{{ f(1, 3) }}{{ f(c=1, a=2) }}{{ f() }}{{ f(1, b=4) }}
{% macro f() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1, 2, a=3) }}{{ f.name }}{{ f.arguments }}{{ f.catch_kwargs }}{{ f.catch_varargs }}{{ f.caller }}
{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(5) }}
{% macro w() %}<{{ caller() }}>{% endmacro %}{% call w() %}in {{ n }}{% endcall %}{% macro v(a) %}{{ caller(a, 2) }}{% endmacro %}{% call(x, y) v(1) %}{{ x }}{{ y }}{% endcall %}
{% macro g() %}{{ later }}{% endmacro %}{% set later = 'L' %}{{ g() }}{% macro h(x) %}{% set q = x %}{{ q }}{% endmacro %}{{ h(1) }}{{ q is defined }}
{% for i in [1, 2] %}{% macro k() %}{{ i }}{% endmacro %}{{ k() }}{% endfor %}{{ k is defined }}
{% filter upper %}ab{{ s }}{% endfilter %}{% filter replace('a', 'b') | trim %} aaa {% endfilter %}
{% with a = 1, b = n %}{{ a }}{{ b }}{% set a = 5 %}{{ a }}{% endwith %}{{ a is defined }}{% with %}{% set z1 = 1 %}{% endwith %}{{ z1 is defined }}
{% generation %}a{{ n }}{% set gg = 1 %}{% endgeneration %}{{ gg is defined }}
{% raw %}{{ x }}{% if %}{% endraw %}{# comment {{ x }} #}|{% raw -%}  a  {%- endraw %}b
{% block b %}in{{ n }}{% endblock %}{% print n, 2 %}
a  {%- if t -%}  b  {%- endif -%}  c {{- n -}} d  {{ n -}}
  x
    {% if t %}
  y
    {% endif %}
z
    {%+ if t %}
  y
    {%+ endif +%}
z
  {{ n }}
  {# c #}
x {# c #}
 y {%- set a = 1 %}
 z
{{ 'a' 'b' "c" }} {{ '\x41\u00e9\U0001F600\101\a'|tojson }} {{ 'a\
b' }} {{ '\d' }} {{ "tab\there" }}
{{ s is string }}{{ n is number }}{{ f is number }}{{ t is number }}{{ n is integer }}{{ t is integer }}{{ f is float }}{{ t is boolean }}{{ nil is none }}{{ t is true }}{{ no is false }}{{ n is true }}
{{ d is mapping }}{{ l is mapping }}{{ l is iterable }}{{ s is iterable }}{{ n is iterable }}{{ l is sequence }}{{ d is sequence }}{{ n is sequence }}{{ s is sequence }}{{ missing is iterable }}{{ missing is sequence }}
{{ n is odd }}{{ n is even }}{{ n is divisibleby 3 }}{{ n is divisibleby(2) }}{{ n is eq 3 }}{{ n is equalto 4 }}{{ n is ne 3 }}{{ n is lt 4 }}{{ n is gt(4) }}{{ n is ge 3 }}{{ n is le 2 }}{{ n is sameas 3 }}{{ n is in l }}{{ n is not in [1] }}
{{ n is defined }}{{ n is not defined }}{{ missing is defined }}{{ missing is undefined }}
{{ missing.x is defined }}
{{ d.q.r is defined }}
{{ range is callable }}{{ n is callable }}{{ 'abc' is lower }}{{ 'ABC' is upper }}{{ 'a' is not upper }}{{ nil is not none }}{{ 'upper' is filter }}{{ 'zzz' is filter }}{{ 'odd' is test }}
{{ n is defined and n is number or x is defined }}{{ not n is string }}{{ n is not string and t }}{{ 'x' if n is defined else 'y' }}
{{ p|trim }}|{{ p.strip() }}|{{ p.lstrip() }}|{{ p.rstrip() }}|{{ 'xxaxx'.strip('x') }}{{ 'abcab'.rstrip('ab') }}{{ 'abcab'.lstrip('ba') }}{{ 'xax'|trim('x') }}
{{ 'a,b,,c'.split(',') }}{{ ' a  b '.split() }}{{ 'a b c d'.split(' ', 2) }}{{ 'a b c d'.rsplit(' ', 1) }}{{ ' a b  c '.split(none, 1) }}{{ ' a b  c '.rsplit(maxsplit=1) }}{{ ''.split() }}{{ ''.split(',') }}{{ 'a--b'.split('--')[-1] }}
{{ s.startswith('Hell') }}{{ s.endswith(('x', 'ld')) }}{{ s.startswith('x', 1) }}{{ s.startswith('ell', 1) }}{{ s.startswith(()) }}{{ s.endswith('wö', 0, 9) }}
{{ 'aXbX'.replace('X', 'yy') }}{{ 'aXbX'.replace('X', '', 1) }}{{ 'ab'.replace('', '-') }}{{ 'aaa'|replace('a', 'b', 2) }}{{ 123|replace(2, 'x') }}{{ 'é'.replace('', '.') }}
{{ s.upper() }}{{ s.lower() }}{{ 'hello wORLD foo-bar'.title() }}{{ 'hELLO'.capitalize() }}{{ 'aBc'.swapcase() }}{{ "they're bill's"|title }}{{ 'foo-bar (baz)'|title }}{{ 'éa'|capitalize }}{{ 'straße'.upper() }}
{{ s.find('wö') }}{{ s.find('zz') }}{{ s.rfind('l') }}{{ s.index('o') }}{{ s.count('l') }}{{ u.find('😀') }}{{ s.find('l', 4) }}{{ s.count('l', 3) }}{{ 'aaa'.count('aa') }}{{ 'abc'.count('') }}{{ s.rindex('o') }}
{{ ', '.join(w) }}{{ w|join }}{{ w|join('-') }}{{ l|join(', ') }}{{ m|join('|', attribute='role') }}{{ 'abc'|join('.') }}{{ [1, none, missing]|join(',') }}
{{ '{} {} {}'.format(1, 'a', none) }}{{ '{0}{1}{0}'.format('x', 2) }}{{ '{a} {b[0]} {c.x}'.format(a=1, b=[5], c={'x': 1}) }}
{{ '{:>5}|{:<5}|{:^5}|{:05d}|{:.2f}|{:x}|{:,}|{!r}|{{}}'.format('a', 'b', 'c', 42, 3.14159, 255, 1234567, 'q') }}{{ '{:+d} {:e} {:%} {:08.3f} {:*^7}'.format(5, 12345.678, 0.25, 3.14159, 'm') }}
{{ '%s %d %5.2f %x %r %%' % ('a', 3, 2.5, 255, 'b') }}{{ '%s' % 5 }}{{ '%05d|%-5s|%+d|%5s' % (42, 'a', 3, 'z') }}{{ '%(a)s' % {'a': 1} }}{{ '%s-%s'|format(1, 'b') }}{{ '%(x)s'|format(x=2) }}{{ '%.3s' % 'abcdef' }}{{ '%e %g %g' % (1234.5, 0.00001, 1e20) }}
{{ 'a\nb\r\nc'.splitlines() }}{{ 'a\nb\n'.splitlines(true) }}{{ 'a=b=c'.partition('=') }}{{ 'a=b=c'.rpartition('=') }}{{ 'abc'.partition('x') }}{{ '7'.zfill(3) }}{{ '-7'.zfill(4) }}{{ 'a'.center(4) }}|{{ 'ab'.center(5, '*') }}{{ 'a'.ljust(3, '.') }}{{ 'a'.rjust(3) }}
{{ '123'.isdigit() }}{{ 'a1'.isalnum() }}{{ 'ab'.isalpha() }}{{ ' '.isspace() }}{{ ''.isdigit() }}{{ 'ab'.islower() }}{{ 'AB1'.isupper() }}{{ 'Ab Cd'.istitle() }}{{ '½'.isnumeric() }}{{ '²'.isdigit() }}{{ 'abc'.isascii() }}
{{ 'prefix_x'.removeprefix('prefix_') }}{{ 'x.py'.removesuffix('.py') }}{{ 'a\tb'.expandtabs(4) }}{{ 'ABC'.casefold() }}{{ [1, 2, 1].count(1) }}{{ [1, 2].index(2) }}{{ (1, 1).count(1) }}
{{ missing|default('d') }}{{ e|default('d') }}{{ e|default('d', true) }}{{ nil|default('d') }}{{ nil|d('x', boolean=true) }}{{ missing|default }}|{{ d.zz|default([]) }}
{{ s|length }}{{ l|length }}{{ d|count }}{{ u|length }}{{ missing|length }}{{ 'e\u0301'|length }}{{ range(5)|length }}{{ d.items()|length }}
{{ l|first }}{{ l|last }}{{ s|first }}{{ u|last }}{{ el|first }}|{{ l|min }}{{ l|max }}{{ w|min }}{{ w|max }}{{ w|max(case_sensitive=true) }}{{ el|max }}|{{ l|sum }}{{ m[1:3]|sum(attribute='x.y') }}{{ [[1], [2]]|sum(start=[]) }}{{ m[1:3]|max(attribute='x.y') }}
{{ l|sort }}{{ l|sort(reverse=true) }}{{ w|sort }}{{ w|sort(case_sensitive=true) }}{{ m|sort(attribute='role')|map(attribute='content')|list }}{{ m|sort(attribute='role,content')|map(attribute='content')|list }}{{ 'bca'|sort }}
{{ d|dictsort }}{{ {'b': 1, 'A': 2}|dictsort }}{{ {'b': 1, 'A': 2}|dictsort(true) }}{{ {'b': 1, 'A': 2}|dictsort(by='value', reverse=true) }}
{{ [1, 2, 1, 'a', 'A']|unique|list }}{{ ['a', 'A']|unique(case_sensitive=true)|list }}{{ m|unique(attribute='role')|map(attribute='role')|list }}
{% for g, items in m|groupby('role') %}{{ g }}:{{ items|length }};{% endfor %}{% for g in m|groupby('x.y', default=0) %}{{ g.0 }}{{ g[1]|length }} {% endfor %}
{{ m|map(attribute='role')|list }}{{ w|map('upper')|join }}{{ m|map(attribute='x', default='-')|list }}{{ l|map('string')|list }}{{ [' a ', 'b ']|map('trim')|list }}{{ w|map('replace', 'a', 'z')|list }}{{ m[1:3]|map(attribute='x.y')|list }}
{{ l|select('odd')|list }}{{ l|reject('odd')|list }}{{ [0, 1, '', 'a']|select|list }}{{ l|select('gt', 1)|list }}{{ m|selectattr('role', 'equalto', 'user')|list|length }}{{ m|selectattr('x')|list|length }}{{ m|rejectattr('x', 'defined')|map(attribute='role')|list }}{{ m|selectattr('role', 'in', ['user', 'system'])|list|length }}
{{ 'y' if m|selectattr('role', 'equalto', 'nobody') else 'n' }}{{ 'y' if (m|selectattr('role', 'equalto', 'nobody')|list) else 'n' }}{% set g = l|map('string') %}{% for x in g %}{{ x }}{% endfor %}{% for x in g %}{{ x }}{% endfor %}
{{ '42'|int }}{{ 'x'|int }}{{ 'x'|int(5) }}{{ '3.9'|int }}{{ 3.9|int }}{{ -3.9|int }}{{ 'ff'|int(base=16) }}{{ '0x1f'|int(0, 16) }}{{ ' 7 '|int }}{{ true|int }}{{ none|int }}{{ '1_0'|int }}{{ '3.5'|float }}{{ 'x'|float }}{{ 3|float }}{{ '1e3'|float }}{{ 'inf'|float }}{{ [] |int(3) }}
{{ 2.5|round }}{{ 3.5|round }}{{ 2.675|round(2) }}{{ 42|round }}{{ 2.1|round(method='ceil') }}{{ 2.19|round(1, 'floor') }}{{ -2.5|round }}{{ 1234|round(-2) }}{{ 2.5|round|int }}{{ neg|abs }}{{ -2.5|abs }}{{ 0.125|round(2) }}
{{ m[2].content|e }}{{ '<a>'|escape }}{{ '<a>'|safe }}{{ 5|string }}{{ none|string }}{{ l|string|length }}{{ '<p>Hi  <b>x</b></p>'|striptags }}
{{ d|tojson }}{{ u|tojson }}{{ [1, 2.0, true, none, 'a"b\n</x>']|tojson }}{{ d|tojson(indent=2) }}{{ d|tojson(sort_keys=true) }}{{ d|tojson(separators=(',', ':')) }}{{ u|tojson(ensure_ascii=true) }}{{ {1: 2, none: 3, true: 4, 1.5: 5}|tojson }}{{ (1, 2)|tojson }}{{ []|tojson(indent=4) }}{{ {}|tojson(indent=4) }}{{ [[], {}]|tojson(indent=1) }}{{ fl|tojson }}
{{ 'a\nb\n\nc'|indent }}|{{ 'a\nb'|indent(2, true) }}|{{ 'a\n\nb'|indent(2, blank=true) }}|{{ 'a\nb'|indent('>> ') }}|{{ 'a\n'|indent(first=true) }}|{{ ''|indent(first=true) }}|
{{ [1, 2, 3, 4, 5]|batch(2)|list }}{{ [1, 2, 3]|batch(2, 0)|list }}{{ [1, 2, 3, 4, 5]|slice(2)|list }}{{ [1, 2, 3, 4]|slice(3, 'x')|list }}{{ l|reverse|list }}{{ 'abc'|reverse }}{{ [[1, 2], [3]]|map('first')|list }}
{{ 'hello big world of words'|truncate(12) }}{{ 'hello big world of words'|truncate(12, true) }}{{ 'hello big'|truncate(8) }}{{ 'hello big world'|truncate(9, false, '', 0) }}{{ 'a b, c-d'|wordcount }}
{{ 'a b/c?d=é&'|urlencode }}{{ {'a': 1, 'b c': 'd/e'}|urlencode }}{{ {'class': 'a', 'id': none, 'x': '<'}|xmlattr }}{{ 123456789|filesizeformat }}{{ 1000|filesizeformat(true) }}{{ 'abc'|center(7) }}|
{{ strftime_now('%Y-%m-%d %H:%M:%S') }} {{ strftime_now('%d %B %Y') }} {{ strftime_now('%a %A %b %j %y %I %p %e %-d %-m %% %U %W %w %u %G %V %D %T %R %F %C %h') }}|{{ strftime_now('%z%Z') }}|{{ strftime_now is defined }}
{{ dict(a=1, b=2) }}{{ dict({'a': 1}, c=3) }}{{ dict([('x', 1)]) }}{{ range(3)|list }}{{ range(1, 4)|list }}{{ range(5, 0, -2)|list }}{{ range(3) }}{{ range(0)|list }}{{ range(1, 10, 3) }}
{% set j = joiner(', ') %}{% for x in l %}{{ j() }}{{ x }}{% endfor %}{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.current }}{{ c.next() }}{{ c.next() }}{% set x = c.reset() %}{{ c.current }}
{{ nested }}{{ nested|tojson }}{{ [missing] }}{{ 'a'.upper is defined }}{{ 'a'.zzz is defined }}{{ l.append is defined }}
{{ [1, 2] == [1, 2] }}{{ {'a': 1} == {'a': 1.0} }}{{ {'a': 1, 'b': 2} == {'b': 2, 'a': 1} }}{{ 'é' == 'e\u0301' }}{{ d == {} }}{{ range(3) == range(0, 3) }}{{ [1] != (1,) }}
{{ (1 if t else 2) + 3 }}{{ (l|length) - 1 }}{{ l|length - 1 }}{{ -n|abs }}{{ n.__class__ is defined }}{{ not (t and no) }}{{ (not t) or t }}
{{ none|select('odd')|list }}{{ 0|map('upper')|list }}{{ none|selectattr('x')|list }}{{ ''|reject|list }}
{{ [x for x in l] }}
{{ f(*[1, 2], **{'a': 3}) is defined }}
{% macro f(a, b, c=0) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ f(*[1, 2], **{'c': 3}) }}{{ f(*l) }}{{ f(1, *[2]) }}
{{ big }}{{ big + 1 }}{{ 9223372036854775807 }}{{ -9223372036854775807 }}{{ 1.0 }}{{ 1e5 }}{{ 123456789.123 }}{{ 1e22 }}{{ 1.0e-10 }}
{{ "a" if "a" is in ["a"] }}{{ 1 is eq 1 and 2 is eq 2 }}{{ 'x' is string or false }}{{ l is not mapping }}{{ 3 is odd == true }}
{{ s.missing }}|{{ n.missing is defined }}|{{ nil.x is defined }}|{{ l.x }}|{{ d.x is defined }}
{%- if true %}
  {%- for x in [1, 2] %}
  {{ x }}
  {%- endfor %}
{%- endif %}
"""

X = r"""
{{ missing.x }}
{{ missing[0] }}
{{ missing() }}
{{ missing + 1 }}
{{ 'a' + 1 }}
{{ 1 + 'a' }}
{{ 1 / 0 }}
{{ 1 % 0 }}
{{ 1.0 // 0 }}
{{ n() }}
{{ 'a' < 1 }}
{{ none < 1 }}
{{ [1] + (1,) }}
{{ 'a' - 'b' }}
{{ -s }}
{{ n|length }}
{{ 5 in 5 }}
{{ 5 in 'a' }}
{{ {}[[]] + 1 }}
{{ {[]: 1} }}
{{ l.append(1) }}
{{ d.update({}) }}
{{ d.pop('b') }}
{{ l.sort() }}
{{ 'a'.nope() }}
{{ s.split('') }}
{{ s.index('zzz') }}
{{ [1].index(2) }}
{{ 'a'.startswith(1) }}
{{ ','.join([1]) }}
{{ '%d' % 'x' }}
{{ '%s %s' % 'x' }}
{{ '%s' % ('a', 'b') }}
{{ '{} {}'.format(1) }}
{{ missing|tojson }}
{{ range|tojson }}
{{ range(3)|tojson }}
{{ [1, 'a']|sort }}
{{ n|sum }}
{{ n|list }}
{{ d|dictsort(by='x') }}
{{ l|map('nope')|list }}
{{ l|select('nope')|list }}
{{ l|nope }}
{{ l is nope }}
{{ l|round }}
{{ missing|int }}
{{ missing|abs }}
{{ raise_exception('own message') }}
{{ range(10**12) }}
{{ range(100001) }}
{{ range(1, 2, 0) }}
{{ s[::0] }}
{{ l['a':] }}
{% for x in 5 %}{% endfor %}
{% for a, b in [1] %}{% endfor %}
{% for a, b in [(1, 2, 3)] %}{% endfor %}
{% set a, b = 1 %}
{% set n.x = 1 %}
{% set zz.x = 1 %}
{% macro f(a) %}{% endmacro %}{{ f(1, 2) }}
{% macro f(a) %}{% endmacro %}{{ f(b=1) }}
{% macro f(a) %}{% endmacro %}{{ f(1, a=1) }}
{% macro f(a) %}{{ a.b }}{% endmacro %}{{ f() }}
{{ {}|xmlattr(1, 2, 3) }}
{{ n is divisibleby 0 }}
{{ s is odd }}
{{ n is divisibleby }}
{{ x|default(1, 2, 3) }}
{% include 'x' %}
{% if %}{% endif %}
{% if t %}
{% endif %}
{% for x in l %}
{% for in l %}{% endfor %}
{% for x l %}{% endfor %}
{% set x %}
{% set 5 = 1 %}
{% set none = 1 %}
{% macro %}{% endmacro %}
{% break %}
{% nope %}
{{ }}
{{ 1 + }}
{{ (1 }}
{{ 1) }}
{{ [1 }}
{{ 'a }}
{{ a b }}
{{ a. }}
{{ a[ }}
{{ a| }}
{{ a is }}
{{ a if }}
{{ @ }}
{{ 1
{% if t
{# a
{% raw %} x
{{ f(a=1, 2) }}
{{ f(a=1, a=2) }}
{{ {'a' 1} }}
{{ 'a' if t else }}
{{ x is defined is true }}
{% call n %}{% endcall %}
{% macro f(a=1, b) %}{% endmacro %}
{% elif %}
{{ not }}
{{ !x }}
{{ x == }}
{{ 'x'.__class__() }}
{{ (1).__class__.__mro__ }}
{{ loop.index }}
{% for x in l %}{% endfor %}{{ loop.index }}
{{ caller() }}
{{ '%(a)s' % 5 }}
{{ s|truncate(1) }}
{{ l|batch }}
{{ 2 ** 'a' }}
{{ (-8) ** 0.5 < 1 }}
{{ 10.0 ** 400 }}
{{ 'a' * 1.5 }}
{{ [] * [] }}
{{ ~1 }}
{{ cycler() }}
{{ namespace(1) }}
{{ dict(1) }}
{{ strftime_now() }}
{{ raise_exception() }}
{% for x in l %}{{ loop(x) }}{% endfor %}
"""


def cases():
    chunks = [line for line in T.strip("\n").split("\n")]
    for chunk in chunks:
        yield chunk
    # Pieces that need more than one line.
    yield "a\n  {% if t %}\n  b\n  {% endif %}\nc\n"
    yield "a\r\nb\r{% if t %}\r\nc{% endif %}\r\n"
    yield "{% if t %}\n\n x {%+ endif %}\n y\n\n"
    yield "x\n {%- if t %} a\n {%- endif -%}\n b\n\n"
    yield " {#- c -#} a {# d #}\n b {#+ e +#}\nc"
    yield "\t {% set x = 1 %}\t\n {{ x }}\n \u00a0 {% set x = 2 %}{{ x }}"
    yield "{% set x %}\n  a\n{% endset %}\n[{{ x }}]\n"
    yield "{%- for x in l %}\n  - {{ x }}\n{%- endfor %}\n"
    yield "{% for x in l -%}\n  {{ x }},\n{%- endfor %}\n\n"
    yield "a\n\n{%- raw %}\n {{ b }}\n{%+ endraw %}\n c"
    yield "  {% raw %}\nx\n  {% endraw %}\ny"
    yield "{{ '\\n'\n ~ n\n}}\n{{\nn }}"
    yield T.strip("\n")
    for chunk in X.strip("\n").split("\n"):
        yield chunk


results = []
for source in cases():
    try:
        text = env.from_string(source).render(**V)
    except Exception:
        text = None
    if text is not None and (" at 0x" in text or "<Macro" in text):
        raise SystemExit("unstable: " + source)
    results.append([source, text])
print('{"made": "make.py with Jinja2 %s", "now": "2026-01-02T03:04:05",' % jinja2.__version__)
print('"variables": %s,' % json.dumps(V, ensure_ascii=False))
print('"cases": [\n' + ",\n".join(json.dumps(r, ensure_ascii=False) for r in results) + "\n]}")

import Cryptography
import Foundation
import Page
import Testing

@testable import Desk

/// How the document is put together. That the server's and the trials' hand agree on all of it is
/// compared by the trial `document`.
struct ServedPageTests {
  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private static func bound(_ files: [String: String]) -> String {
    var binder = PageBinder(files: files.mapValues { Array($0.utf8) })
    return text(binder.bind("main"))
  }

  @Test func `each module stands once, behind what it needs`() {
    let files = [
      "js/main.js": "import { b } from './b.js';\nimport {\n  a,\n} from './a.js';\nb(a);\n",
      "js/a.js": "export const a = 1;\n",
      "js/b.js": "import { a } from './a.js';\nexport function b() { return a; }\n",
      "js/c.js": "nobody();\n",
    ]
    #expect(Self.bound(files) == "const a = 1;\nfunction b() { return a; }\nb(a);\n")
  }

  @Test func `modules that need each other end, and one that is not there is none`() {
    let files = [
      "js/main.js": "import { a } from './a.js';\nimport { x } from './x.js';\na();\n",
      "js/a.js": "import { main } from './main.js';\nexport function a() {}\n",
    ]
    #expect(Self.bound(files) == "function a() {}\na();\n")
  }

  @Test func `blanks, comments and nothing else fall away`() {
    let text = """
      // a comment
      const a = 'x // y';  // behind
        /** Several
         * lines. */

        call(a /* b */, `  c`);
      """
    #expect(
      Self.text(PageBinder.lean(Array(text.utf8)))
        == "let a = 'x // y';  // behind\ncall(a /* b */, `  c`);\n")
  }

  @Test func `blanks beside signs and line feeds that say nothing fall away, but never in a text`()
  {
    func tight(_ text: String, _ signs: PageBinder.Signs) -> String {
      Self.text(PageBinder.tight(Array(text.utf8), signs))
    }
    #expect(
      tight("if (a === b) {\nf('x , y', c => [ d ]);\n}\ng()\nh(a + -b);\n", .script)
        == "if(a===b){f('x , y',c=>[d])}g()\nh(a + -b);")
    #expect(tight("a = /x = y/;\nb = `x = y`;\n", .script) == "a = /x = y/;b=`x = y`;")
    #expect(
      tight("a = \"x = y\";\nb = 'x\\' = y';\nc = 'd\n", .script)
        == "a=\"x = y\";b = 'x\\' = y';c = 'd\n")
    #expect(tight("a = b; // c,\nd = e;\n", .script) == "a = b; // c,\nd=e;")
    #expect(
      tight("f('#/ x', { a: 'b = \"c\"' });\ng('d', /' = '/);\n", .script)
        == "f('#/ x',{a:'b = \"c\"'});g('d', /' = '/);")
    #expect(
      tight(".a :hover, .b {\nmargin: 0 (1 + 2);\n}\n", .style)
        == ".a :hover,.b{margin:0 (1 + 2)}")
    #expect(
      tight("{ a = ';}'; }\n{ b; } // c;\n}\n{ d = `e`; }\n}\n", .script)
        == "{a=';}'}{ b; } // c;\n}{d=`e`}}")
    #expect(tight("{\n\"a\": \"b, c\",\n}\n", .none) == "{\"a\": \"b, c\",}")
    #expect(
      tight("a = true && untrue === 'true' ? undefined : [false, $false];\nreturn true\n", .script)
        == "a=!0&&untrue==='true'?void 0:[!1,$false];return!0\n")
    #expect(tight(".true {\n}\n", .style) == ".true{}")
    #expect(
      tight("f((one) => g((a, b) => async (c) => '(d) => d'));\n", .script)
        == "f(one=>g((a,b)=>async(c)=>'(d) => d'));")
    // What begins so goes on from the line before.
    #expect(
      tight("x = a\n? b\n: `c`;\ny()\n}\nz() // d\n&& e;\n", .script)
        == "x=a?b:`c`;y()}z() // d\n&&e;")
    // A text in a text, and a quote of another kind in one.
    #expect(tight("a = `b ${ c ? `d` : 1 }`;\n", .script) == "a = `b ${ c ? `d` : 1 }`;")
    #expect(tight("a = `it's ${ b } , c` + d;\n", .script) == "a=`it's ${ b } , c` + d;")
  }

  @Test func `private names become letters, and what stands behind a quote stays`() {
    func short(_ text: String, _ mark: [UInt8] = PageBinder.scriptMark) -> String {
      Self.text(PageBinder.short(Array(text.utf8), mark))
    }
    #expect(
      short("class A{#list=1;get #b9(){return this.#list-this.#lists;}}f('#list',`#b9`,/^#\\//,#")
        == "class A{#a=1;get #b(){return this.#a-this.#c;}}f('#list',`#b9`,/^#\\//,#")
    let many = (0..<54).map { "#name\($0) " }.joined()
    #expect(short(many).hasSuffix("#Z #aa #ba "))
    #expect(short(many + "#name0").hasSuffix(" #a"))
    var binder = PageBinder(files: [
      "js/main.js": Array("export const aB = 1;\nexport async function cD(on) {}\n".utf8)
        + Array("export class Row {}\nexport class E_F{}\nlet gH;\n  let iJ;\ngH (kL);\n".utf8)
    ])
    let bound = binder.bind("main") + Array("f(aB + aBc, `${cD}`)".utf8)
    #expect(Set(binder.made.map { Self.text($0) }) == ["aB", "cD", "E_F", "gH"])
    #expect(
      Self.text(PageBinder.short(bound, made: binder.made))
        == "const $a = 1;\nasync function $b(on) {}\nclass Row {}\nclass $c{}\nlet $d;\n  let iJ;\n"
        + "$d (kL);\nf($a + aBc, `${$b}`)"
    )
    #expect(
      short(":root{--on-own:#fff;--own:1}a{x:var(--own,var(--on-own));y:-1}", PageBinder.styleMark)
        == ":root{--a:#fff;--b:1}a{x:var(--b,var(--a));y:-1}")
  }

  @Test func `the document is there in the browser's language, or in English`() {
    func language(_ accepted: String?) -> String {
      ServedPage.languages[ServedPage.document(for: accepted.map { Array($0.utf8) })]
    }
    #expect(language(nil) == "en")
    #expect(language("") == "en")
    #expect(language("fr-FR, de;q=0.8, en;q=0.7") == "de")
    #expect(language("DE-at,en") == "de")
    #expect(language("en-GB,de") == "en")
    #expect(language("dea,den-X,;q=1,,*") == "en")
  }

  @Test func `every file is in the document or served beside it, and only known kinds are`() {
    let page = ServedPage.embedded
    #expect(page.files.map(\.path) == ["/", "/", "/icon.svg", "/texts/de.json", "/texts/en.json"])
    for file in page.files.prefix(2) {
      let document = Self.text(file.bytes)
      #expect(!document.contains("{{") && !document.contains("\nimport "))
      #expect(document.components(separatedBy: "<script").count == 4)
    }
    #expect(!page.policy.contains("script-src 'self'") && !page.policy.contains("unsafe"))
  }

  @Test func `bytes are written as browsers read them`() {
    #expect(([0xFB, 0xFB, 0xFB] as InlineArray<3, UInt8>).base64 == "+/v7")
    #expect(([0x66, 0x6F] as InlineArray<2, UInt8>).base64 == "Zm8=")
    #expect(([0x66] as InlineArray<1, UInt8>).base64 == "Zg==")
    // What a browser's console says of an empty script.
    #expect(
      SHA256.hash([UInt8]().span, [UInt8]().span).base64
        == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
  }
}

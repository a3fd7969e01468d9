#!/usr/bin/env python3
"""Makes Tests/Fixtures/tokenizers, and checks pre-tokenizers against the reference on random texts.

    pip install tokenizers
    dev/generate-tokenizer-fixtures.py LLAMA_CPP CORPUS          writes the fixtures
    dev/generate-tokenizer-fixtures.py LLAMA_CPP --check PROBE   compares PROBE NAME (one JSON text a line in, lengths of
                                                                 words out) with it, for every name, on 2000 texts

LLAMA_CPP is a source tree of llama.cpp (0.5.0 made the fixtures): the families are read from src/llama-vocab.cpp, and its own
unicode.cpp, compiled here with g++, cuts the texts. CORPUS is the text that the small vocabularies are trained on.
"""
import ctypes
import json
import os
import random
import re
import subprocess
import sys
import tempfile

LLAMA = sys.argv[1]
SHIM = '''
#include "unicode.h"
extern "C" int uni_split(const char * t, int n, const char ** rx, int nrx, int * out, int cap) {
    int k = 0;
    for (auto & s : unicode_regex_split(std::string(t, n), std::vector<std::string>(rx, rx + nrx), false)) {
        if (k < cap) out[k] = s.size();
        k++;
    }
    return k;
}
'''
folder = tempfile.mkdtemp()
open(folder + "/shim.cpp", "w").write(SHIM)
subprocess.check_call(["g++", "-O1", "-std=c++17", "-shared", "-fPIC", "-I" + LLAMA + "/src", "-o", folder + "/uni.so",
                       folder + "/shim.cpp", LLAMA + "/src/unicode.cpp", LLAMA + "/src/unicode-data.cpp"])
lib = ctypes.CDLL(folder + "/uni.so")

src=open(LLAMA + '/src/llama-vocab.cpp').read()
sw=src[src.index('switch (vocab.get_pre_type())'):src.index('std::vector<std::string> regex_exprs;')]
rx={}
cur=[]
pend=[];inside=False;lst=[]
for line in sw.split('\n'):
    m=re.match(r'\s*case (LLAMA_VOCAB_PRE_TYPE_\w+):',line)
    if m: pend.append(m.group(1)); continue
    if re.match(r'\s*default:',line): pend.append('DEFAULT')
    if 'regex_exprs = {' in line: inside=True; lst=[]; continue
    if inside:
        l=line.strip()
        if l.startswith('}'):
            inside=False
            for p in pend: rx[p]=lst
            pend=[]; continue
        if l.startswith('//'): continue
        m=re.match(r'"(.*)",?\s*(//.*)?$',l)
        if m:
            s=m.group(1)
            s=s.replace('\\\\','\x00').replace('\\"','"').replace('\\r','\r').replace('\\n','\n').replace('\\t','\t').replace('\x00','\\')
            lst.append(s)
ld=src[src.index('if (tokenizer_pre.empty())'):src.index('unknown pre-tokenizer type')]
names={}
acc=[]
for line in ld.split('\n'):
    acc+=re.findall(r'tokenizer_pre == "([^"]+)"',line)
    m=re.search(r'pre_type = (LLAMA_VOCAB_PRE_TYPE_\w+);',line)
    if m:
        for n in acc: names[n]=m.group(1)
        acc=[]
names['default']='DEFAULT'
def split(text,exprs):
    b=text.encode(); arr=(ctypes.c_char_p*len(exprs))(*[e.encode() for e in exprs]); cap=len(b)*4+64; out=(ctypes.c_int*cap)()
    n=lib.uni_split(b,len(b),arr,len(exprs),out,cap); return [x for x in out[:n] if x]
random.seed(1)
pools=["'s 't 're 'VE 'll 'D 'm ' \" don't I'LL".split(' '),[" ","  ","   ","\n","\r\n","\t","\r"," \n","\n\n","\u3000","\u00a0","\u2028","\x85","\x0b","\x1c"],
 list("abcXYZéÉßΣσǅʰªºñ"),list("0123456789²½٣৩Ⅷ一〇"),list("!?.,;:-_/\\()[]{}<>@#$%^&*+=|~`…“”‘’—。，、！：；｜；۔"),
 list("漢字かなカナ한국어ㄱㅏㄅกขແកမ㐀豈𠀀"),["\u0301","\u0308","\u093f","\u20dd","a\u0301","\u200d","\u200b","\ufeff","\u0000","\x01","\x7f","\ue000","\U000e0001","\u0378","\U0010ffff"],
 ["😀","👩‍🚀","<sentinel:12>","IMGIMGABZ","IMGIMGAAAAAZ","<sentinel:>","hello","World","HELLO","camelCase","1234567","    ","12","foo_bar","<|im_end|>","ÉCOLE","été","\u1E9E","İ"]]
def rnd():
    k=random.random()
    if k<0.15: return ''.join(chr(random.choice([random.randrange(0x20,0x3000),random.randrange(0x3000,0xd800),random.randrange(0xe000,0x20000)])) for _ in range(random.randrange(1,20)))
    w=random.sample(pools,random.randrange(1,len(pools)))
    return ''.join(random.choice(random.choice(w)) for _ in range(random.randrange(1,24)))

if sys.argv[2] == "--check":
    texts = [rnd() for _ in range(2000)]
    lines = "\n".join(json.dumps(text) for text in texts) + "\n"
    wrong = 0
    for name, kind in names.items():
        expected = [split(text, rx.get(kind, rx["DEFAULT"])) for text in texts]
        got = subprocess.run([sys.argv[3], name], input=lines.encode(), capture_output=True).stdout.decode()
        different = sum(a != json.loads(b) for a, b in zip(expected, got.split("\n")))
        wrong += different
        if different:
            print(name, different)
    sys.exit(wrong > 0)

import tokenizers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
OUT=os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'Tests/Fixtures/tokenizers')
os.makedirs(OUT,exist_ok=True)
tricky=["don't DON'T 'sun 've've I'LL'", "  two  spaces   three\n\n  \r\n\tx \n", "1234567 12³456 ½٣৩ a1b22c333d4444", "ÉCOLE École éCOLE camelCaseHTTPServer ǅungla ʰa", "naïve e\u0301te\u0301 \u0301x \u0938\u094d\u0924\u0947 !\u0301", "!!! ?! .. /path/to//x\n/ a.b,c;d:e (f) [g] {h} <i> #j $k %l ^m &n *o =p ~q `r |s",
 "漢字かなカナ 한국어ㄱㄲ ㄅㄆ，。！？：；、…“”‘’—", "ภาษาไทย ខ្មែរ မြန်မာ 豈 㐀𠀀", "a\u00a0b\u2003c\u3000d\u2028e\x85f\x0bg\x1ch", "\u0000\x01\x7f\u200b\u200d\ufeff\ue000\u0378 x\u20ddy", "😀👩‍🚀 ok 😀😀", "<sentinel:12><sentinel:x>IMGIMGABZIMGIMGAAAAAZ", "   ", "\n", " ", "    x", "\t\t\ty\t", "'", "''s", " 's", "a'b'c'll", "foo_bar __init__ C++ 3.14 1,000,000 2nd v2.0", "one two  three\u3000four", "x\n\n\ny\n", "12 345 6789 1234567890", "ſ's 'ſ ß ẞ İ ı", "\r\n\r\n ", "a \n b"]
random.seed(3)
extra=[]
while len(extra)<25:
    t=rnd()
    if 4<len(t)<40: extra.append(t)
families={}
for n,t in sorted(names.items()):
    key=json.dumps(rx.get(t,rx['DEFAULT'])); families.setdefault(key,[]).append(n)
splits={}
for key,ns in families.items():
    e=json.loads(key)
    splits[' '.join(ns)]=[split(t,e) for t in tricky+extra]
json.dump({"note":"byte lengths of the words that llama.cpp 0.5.0's unicode_regex_split cuts each text into, for each family of tokenizer.ggml.pre names","texts":tricky+extra,"words":splits},open(OUT+'/pre-tokenizers.json','w'),ensure_ascii=True,separators=(',',':'))
eng=open(sys.argv[2]).read()[:150000]
lines=eng.split('\n')+["naïve café résumé ÉCOLE 漢字かな 한국어 😀 привет мир 1234 5678"]*40
texts=tricky+extra+[eng[o:o+120] for o in range(1000,20000,2000)]+["<s>hello</s> <pad> x","[CLS] it's [SEP]"]
cases={}
def keep(name,t):
    t.save(OUT+'/'+name+'.json',pretty=False)
    cases[name]=[[x,t.encode(x,add_special_tokens=False).ids,t.encode(x).ids] for x in texts]
sp=["<s>","</s>","<unk>","<pad>"]
def template(t,a,b): 
    t.post_processor=processors.TemplateProcessing(single=f"{a} $A {b}",pair=f"{a} $A {b} $B {b}",special_tokens=[(a,t.token_to_id(a)),(b,t.token_to_id(b))])
t=Tokenizer(models.BPE()); t.normalizer=normalizers.NFC()
t.pre_tokenizer=pre_tokenizers.Sequence([pre_tokenizers.Split(tokenizers.Regex("(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),"isolated"),pre_tokenizers.ByteLevel(add_prefix_space=False,use_regex=False)]); t.decoder=decoders.ByteLevel()
t.train_from_iterator(lines,trainers.BpeTrainer(vocab_size=700,special_tokens=sp,initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),show_progress=False)); template(t,"<s>","</s>"); keep('byte-level',t)
t=Tokenizer(models.BPE(unk_token="<unk>",fuse_unk=True,byte_fallback=True)); t.normalizer=normalizers.Sequence([normalizers.Prepend("▁"),normalizers.Replace(" ","▁")])
t.decoder=decoders.Sequence([decoders.Replace("▁"," "),decoders.ByteFallback(),decoders.Fuse(),decoders.Strip(" ",1,0)])
t.train_from_iterator(lines,trainers.BpeTrainer(vocab_size=700,special_tokens=["<unk>","<s>","</s>","<pad>"]+["<0x%02X>"%i for i in range(256)],show_progress=False,limit_alphabet=120)); template(t,"<s>","</s>")
j=json.loads(t.to_str()); j["added_tokens"]=[a for a in j["added_tokens"] if not a["content"].startswith("<0x")]; t=Tokenizer.from_str(json.dumps(j))
keep('llama-like',t)
t=Tokenizer(models.Unigram()); t.normalizer=normalizers.Sequence([normalizers.Replace(tokenizers.Regex(" {2,}")," "),normalizers.NFC()]); t.pre_tokenizer=pre_tokenizers.Metaspace(); t.decoder=decoders.Metaspace()
t.train_from_iterator(lines,trainers.UnigramTrainer(vocab_size=500,special_tokens=sp,unk_token="<unk>",show_progress=False)); template(t,"<s>","</s>"); keep('unigram',t)
t=Tokenizer(models.WordPiece(unk_token="[UNK]")); t.normalizer=normalizers.BertNormalizer(); t.pre_tokenizer=pre_tokenizers.BertPreTokenizer(); t.decoder=decoders.WordPiece()
t.train_from_iterator(lines,trainers.WordPieceTrainer(vocab_size=600,special_tokens=["[PAD]","[UNK]","[CLS]","[SEP]","[MASK]"],show_progress=False)); template(t,"[CLS]","[SEP]"); keep('word-piece',t)
json.dump({"note":"texts, ids without and with the tokens around a text, by Hugging Face's tokenizers "+tokenizers.__version__+" for the tokenizer.json files beside this one, which it trained on 150 KB of the calibration corpus","cases":cases},open(OUT+'/expected.json','w'),ensure_ascii=True,separators=(',',':'))

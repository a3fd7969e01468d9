#!/usr/bin/env python3
"""Runs llama.cpp's convert_hf_to_gguf.py, which knows the hashes of real vocabularies only: ours count as Llama 3's."""
import sys
LL=sys.argv.pop(1)
sys.path.insert(0,LL)
import conversion.base as b
orig=b.TextModel.get_vocab_base_pre
def patched(self,tok):
    try: return orig(self,tok)
    except NotImplementedError: return 'llama-bpe' if tok.__class__.__name__!='BertTokenizerFast' else 'default'
b.TextModel.get_vocab_base_pre=patched
sys.argv[0]=LL+'/convert_hf_to_gguf.py'
import runpy
runpy.run_path(LL+'/convert_hf_to_gguf.py',run_name='__main__')

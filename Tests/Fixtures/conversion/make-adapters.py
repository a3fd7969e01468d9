#!/usr/bin/env python3
"""Describes LoRA adapters of the tiny checkpoints, and the SHA-256 of what llama.cpp's convert_lora_to_gguf.py makes of them.

usage: make-adapters.py LLAMA_CPP WORK      (after make-checkpoints.py; WORK as there)
"""
import json, os, sys, shutil, subprocess, hashlib
HERE=os.path.dirname(os.path.abspath(__file__)); LL,OUT=sys.argv[1:3]
src=open(HERE+'/make-checkpoints.py').read(); exec(src[:src.index("expected={}")])
def lora(modules,r):
    t=[]
    for name,(o,i) in modules: t+=[(f'base_model.model.{name}.lora_A.weight',(r,i)),(f'base_model.model.{name}.lora_B.weight',(o,r))]
    return t
def mods(kinds): return [(f'model.layers.{l}.{k}',s) for l in range(2) for k,s in kinds]
adapters={
 'llama':(dict(peft_type='LORA',lora_alpha=16,r=8,target_modules=['q_proj','k_proj','v_proj','up_proj']),lora(mods([('self_attn.q_proj',(64,64)),('self_attn.k_proj',(32,64)),('self_attn.v_proj',(32,64)),('mlp.up_proj',(96,64))]),8)),
 'qwen2':(dict(peft_type='LORA',lora_alpha=32,r=4,target_modules=['down_proj']),lora(mods([('mlp.down_proj',(64,96))]),4)),
 'granitemoe':(dict(peft_type='LORA',lora_alpha=8,r=4,target_modules=['input_linear']),lora(mods([('shared_mlp.input_linear',(96,64))]),4)),
}
result={}
for name,(config,tensors) in adapters.items():
    d=f'{OUT}/adapter-{name}'; shutil.rmtree(d,ignore_errors=True); os.makedirs(d)
    json.dump(config,open(d+'/adapter_config.json','w')); write(d+'/adapter_model.safetensors',tensors,'F32')
    out=f'{OUT}/adapter-{name}.ref.gguf'
    subprocess.run([sys.executable,LL+'/convert_lora_to_gguf.py','--base',f'{OUT}/tiny-{name}','--outfile',out,d],check=True,capture_output=True)
    result[name]={'config':config,'tensors':tensors,'sha256':sha(out)}
json.dump(result,open(HERE+'/adapters.json','w'),separators=(',',':'))

#!/usr/bin/env python3
"""Describes tiny checkpoints of every architecture, and the SHA-256 of what llama.cpp's convert_hf_to_gguf.py makes of them.

usage: make.py LLAMA_CPP WORK      (torch, transformers 4.57.6, sentencepiece; LLAMA_CPP is 0.5.0's tree)

Writes checkpoints.json here; WORK gets the checkpoints and the reference's files.

Weights are a function of name and index, so that the tests make the same checkpoints without these files:
  h = FNV-1a of the name (32 bits); x = h + index * 2654435761; x ^= x >> 15; x *= 2246822519; x ^= x >> 13 (mod 2^32);
  value = (x >> 25) / 64 - 1 (7 bits: exact in every 16-bit type), norms 1 + value / 4
"""
import json, os, struct, sys, shutil, subprocess, hashlib
import numpy as np
HERE=os.path.dirname(os.path.abspath(__file__))
LL,OUT=sys.argv[1:3]

def fnv(name):
    h=2166136261
    for b in name.encode(): h=((h^b)*16777619)&0xffffffff
    return h
def values(name,shape):
    n=int(np.prod(shape))
    x=(np.uint64(fnv(name))+np.arange(n,dtype=np.uint64)*np.uint64(2654435761))&np.uint64(0xffffffff)
    x^=x>>np.uint64(15); x=(x*np.uint64(2246822519))&np.uint64(0xffffffff); x^=x>>np.uint64(13)
    v=(x>>np.uint64(25)).astype(np.float32)/64-1
    if 'norm' in name.lower(): v=1+v/4
    return v.reshape(shape)
def encode(v,dtype):
    if dtype=='F32': return v.astype('<f4').tobytes()
    if dtype=='F16': return v.astype('<f2').tobytes()
    return (v.astype('<f4').view('<u4')>>16).astype('<u2').tobytes()
def write(path,tensors,dtype):
    header={'__metadata__':{'format':'pt'}}; data=b''
    for name,shape in tensors:
        b=encode(values(name,shape),dtype)
        header[name]={'dtype':dtype,'shape':list(shape),'data_offsets':[len(data),len(data)+len(b)]}; data+=b
    h=json.dumps(header).encode(); h+=b' '*((-len(h))%8)
    open(path,'wb').write(struct.pack('<Q',len(h))+h+data)

V=384
def decoder(c,extra=None,mlp=True,heads_bias=False,qk=False,prefix='model.'):
    H,L,F=c['hidden_size'],c['num_hidden_layers'],c['intermediate_size']
    hd=c.get('head_dim') or H//c['num_attention_heads']; kv=c.get('num_key_value_heads',c['num_attention_heads'])
    V=c['vocab_size']
    t=[(prefix+'embed_tokens.weight',(V,H)),(prefix+'norm.weight',(H,))]
    if not c.get('tie_word_embeddings'): t.append(('lm_head.weight',(V,H)))
    for i in range(L):
        p=f'{prefix}layers.{i}.'
        t+=[(p+'input_layernorm.weight',(H,)),(p+'post_attention_layernorm.weight',(H,)),
            (p+'self_attn.q_proj.weight',(c['num_attention_heads']*hd,H)),(p+'self_attn.k_proj.weight',(kv*hd,H)),
            (p+'self_attn.v_proj.weight',(kv*hd,H)),(p+'self_attn.o_proj.weight',(H,c['num_attention_heads']*hd))]
        if heads_bias: t+=[(p+'self_attn.q_proj.bias',(c['num_attention_heads']*hd,)),(p+'self_attn.k_proj.bias',(kv*hd,)),(p+'self_attn.v_proj.bias',(kv*hd,))]
        if qk: t+=[(p+'self_attn.q_norm.weight',(hd,)),(p+'self_attn.k_norm.weight',(hd,))]
        if mlp: t+=[(p+'mlp.gate_proj.weight',(F,H)),(p+'mlp.up_proj.weight',(F,H)),(p+'mlp.down_proj.weight',(H,F))]
        if extra: t+=extra(p,c)
    return t
base=dict(hidden_size=64,num_hidden_layers=2,intermediate_size=96,num_attention_heads=4,num_key_value_heads=2,vocab_size=V,max_position_embeddings=256,rms_norm_eps=1e-5,rope_theta=10000.0,tie_word_embeddings=False,bos_token_id=1,eos_token_id=2)
def C(arch,mt,**k): 
    d=dict(base); d.update(k); d={'architectures':[arch],'model_type':mt,**d}; return {k:v for k,v in d.items() if v!='DROP'}
def experts(p,c):
    r=[(p+'block_sparse_moe.gate.weight',(c['num_local_experts'],c['hidden_size']))]
    for e in range(c['num_local_experts']):
        r+=[(p+f'block_sparse_moe.experts.{e}.w1.weight',(c['intermediate_size'],c['hidden_size'])),(p+f'block_sparse_moe.experts.{e}.w2.weight',(c['hidden_size'],c['intermediate_size'])),(p+f'block_sparse_moe.experts.{e}.w3.weight',(c['intermediate_size'],c['hidden_size']))]
    return r
def gemma(p,c): return [(p+'pre_feedforward_layernorm.weight',(c['hidden_size'],)),(p+'post_feedforward_layernorm.weight',(c['hidden_size'],))]
def granitemoe(p,c):
    E,F,H,S=c['num_local_experts'],c['intermediate_size'],c['hidden_size'],c['shared_intermediate_size']
    return [(p+'block_sparse_moe.router.layer.weight',(E,H)),(p+'block_sparse_moe.input_linear.weight',(E,2*F,H)),(p+'block_sparse_moe.output_linear.weight',(E,H,F)),(p+'shared_mlp.input_linear.weight',(2*S,H)),(p+'shared_mlp.output_linear.weight',(H,S))]
def phi(c):
    H,F,hd,n,kv=c['hidden_size'],c['intermediate_size'],c['hidden_size']//c['num_attention_heads'],c['num_attention_heads'],c['num_key_value_heads']
    t=[('model.embed_tokens.weight',(c['vocab_size'],H)),('model.norm.weight',(H,)),('lm_head.weight',(c['vocab_size'],H))]
    for i in range(c['num_hidden_layers']):
        p=f'model.layers.{i}.'
        t+=[(p+'input_layernorm.weight',(H,)),(p+'post_attention_layernorm.weight',(H,)),(p+'self_attn.qkv_proj.weight',((n+2*kv)*hd,H)),(p+'self_attn.o_proj.weight',(H,n*hd)),(p+'mlp.gate_up_proj.weight',(2*F,H)),(p+'mlp.down_proj.weight',(H,F))]
    return t
def bert(c):
    H,F=c['hidden_size'],c['intermediate_size']
    t=[('embeddings.word_embeddings.weight',(c['vocab_size'],H)),('embeddings.position_embeddings.weight',(c['max_position_embeddings'],H)),('embeddings.token_type_embeddings.weight',(c['type_vocab_size'],H)),('embeddings.LayerNorm.weight',(H,)),('embeddings.LayerNorm.bias',(H,)),('pooler.dense.weight',(H,H)),('pooler.dense.bias',(H,))]
    for i in range(c['num_hidden_layers']):
        p=f'encoder.layer.{i}.'
        for n,s in [('attention.self.query',(H,H)),('attention.self.key',(H,H)),('attention.self.value',(H,H)),('attention.output.dense',(H,H)),('intermediate.dense',(F,H)),('output.dense',(H,F))]:
            t+=[(p+n+'.weight',s),(p+n+'.bias',(s[0],))]
        for n in ['attention.output.LayerNorm','output.LayerNorm']: t+=[(p+n+'.weight',(H,)),(p+n+'.bias',(H,))]
    return t
llama3=dict(rope_type='llama3',factor=8.0,low_freq_factor=1.0,high_freq_factor=4.0,original_max_position_embeddings=64)
models={
 'llama':(C('LlamaForCausalLM','llama'),decoder,'spm','BF16'),
 'llama3':(C('LlamaForCausalLM','llama',rope_scaling=llama3,tie_word_embeddings=True,rope_theta=500000.0,head_dim=16,bos_token_id='DROP',eos_token_id='DROP'),decoder,'bpe','BF16'),
 'mixtral':(C('MixtralForCausalLM','mixtral',num_local_experts=4,num_experts_per_tok=2,sliding_window=None,head_dim=16),lambda c:decoder(c,experts,mlp=False),'spm','F16'),
 'mistral':(C('MistralForCausalLM','mistral',head_dim=16,sliding_window=None),decoder,'spm','BF16'),
 'qwen2':(C('Qwen2ForCausalLM','qwen2',bos_token_id='DROP',eos_token_id='DROP'),lambda c:decoder(c,heads_bias=True),'bpe','BF16'),
 'qwen3':(C('Qwen3ForCausalLM','qwen3',head_dim=32,bos_token_id='DROP',eos_token_id='DROP'),lambda c:decoder(c,qk=True),'bpe','F32'),
 'gemma2':(C('Gemma2ForCausalLM','gemma2',head_dim=16,sliding_window=32,attn_logit_softcapping=50.0,final_logit_softcapping=30.0,tie_word_embeddings=True,query_pre_attn_scalar=16),lambda c:decoder(c,gemma),'spm','F16'),
 'gemma3':(C('Gemma3ForCausalLM','gemma3_text',head_dim=16,sliding_window=32,tie_word_embeddings=True,rope_local_base_freq=10000.0,rope_theta=1000000.0,query_pre_attn_scalar=16),lambda c:decoder(c,gemma,qk=True),'spm','BF16'),
 'phi3':(C('Phi3ForCausalLM','phi3',original_max_position_embeddings=64,rope_scaling=dict(type='longrope',long_factor=[1.0+i/4 for i in range(8)],short_factor=[1.0+i/16 for i in range(8)]),sliding_window=64,pad_token_id=0),phi,'spm','BF16'),
 'smollm3':(C('SmolLM3ForCausalLM','smollm3',tie_word_embeddings=True,no_rope_layers=[1,1],bos_token_id='DROP',eos_token_id='DROP',pad_token_id='DROP'),decoder,'bpe','BF16'),
 'granite':(C('GraniteForCausalLM','granite',attention_multiplier=0.25,embedding_multiplier=12.0,residual_multiplier=0.22,logits_scaling=8.0),decoder,'bpe','BF16'),
 'granitemoe':(C('GraniteMoeSharedForCausalLM','granitemoeshared',attention_multiplier=0.25,embedding_multiplier=12.0,residual_multiplier=0.22,logits_scaling=8.0,num_local_experts=4,num_experts_per_tok=2,shared_intermediate_size=48),lambda c:decoder(c,granitemoe,mlp=False),'bpe','BF16'),
 'bert':({'architectures':['BertModel'],'model_type':'bert','hidden_size':64,'num_hidden_layers':2,'intermediate_size':96,'num_attention_heads':4,'vocab_size':200,'max_position_embeddings':64,'type_vocab_size':2,'layer_norm_eps':1e-12,'hidden_act':'gelu','pad_token_id':0},bert,'wpm','F32'),
}
def sha(p): return hashlib.sha256(open(p,'rb').read()).hexdigest()
expected={}
os.makedirs(OUT,exist_ok=True)
for name,(config,tensors,tok,dtype) in models.items():
    d=f'{OUT}/tiny-{name}'
    shutil.rmtree(d,ignore_errors=True); shutil.copytree(f'{HERE}/tok-{tok}',d)
    json.dump(config,open(d+'/config.json','w'),indent=2)
    generation=None if tok=='wpm' else {'temperature':0.7,'top_k':20,'top_p':0.8,'repetition_penalty':1.1}
    if generation: json.dump(generation,open(d+'/generation_config.json','w'))
    write(d+'/model.safetensors',tensors(config),dtype)
    hashes={}
    for t in ['auto','f32']:
        out=f'{OUT}/{name}.{t}.ref.gguf'
        subprocess.run([sys.executable,HERE+'/run-reference.py',LL,d,'--outtype',t,'--outfile',out],check=True,capture_output=True)
        hashes[t]=sha(out)
    expected[name]={'config':config,'generation':generation,'tokenizer':tok,'dtype':dtype,'tensors':tensors(config),'sha256':hashes}
json.dump(expected,open(HERE+'/checkpoints.json','w'),separators=(',',':'))

#!/usr/bin/env python3
"""Writes one matrix [32, 64] quantized in many ways, with the numbers that it stands for (quantized/*.safetensors).

usage: make-quantized.py      (torch, bitsandbytes 0.50, compressed-tensors 0.12)

Numbers come from the libraries' own decoders (bitsandbytes, compressed-tensors, torch's float8) or, for GPTQ and AWQ, from
whole numbers that are packed here as AutoGPTQ and AutoAWQ pack them. `quantization_config` is in the file's metadata.
"""
import json, os
import numpy as np, torch
from safetensors.torch import save_file
import bitsandbytes.functional as F
from compressed_tensors.compressors.quantized_compressors.pack_quantized import pack_to_int32
HERE=os.path.dirname(os.path.abspath(__file__)); os.makedirs(HERE+'/quantized',exist_ok=True)
rng=np.random.default_rng(1); torch.manual_seed(1)
OUT,IN=32,64; N='model.layers.0.self_attn.v_proj'
def save(name,config,tensors,expected):
    t={N+k:(torch.from_numpy(np.ascontiguousarray(v)) if isinstance(v,np.ndarray) else v.contiguous()) for k,v in tensors.items()}
    t['expected']=torch.as_tensor(np.ascontiguousarray(expected)).float().contiguous(); assert t['expected'].shape==(OUT,IN)
    save_file(t,f'{HERE}/quantized/{name}.safetensors',metadata={'quantization_config':json.dumps(config)})
def pack_rows(q,bits):
    """[n, m] to [n * bits / 32, m] words, as AutoGPTQ's QuantLinear.pack."""
    n,m=q.shape; q=q.astype(np.uint32); out=np.zeros((n*bits//32,m),np.uint32); i=row=0
    while row<out.shape[0]:
        if bits in (2,4,8):
            for j in range(i,i+32//bits): out[row]|=q[j]<<np.uint32(bits*(j-i))
            i+=32//bits; row+=1
        else:
            for j in range(i,i+10): out[row]|=q[j]<<np.uint32(3*(j-i))
            i+=10; out[row]|=q[i]<<np.uint32(30); row+=1
            out[row]|=(q[i]>>np.uint32(2))&np.uint32(1); i+=1
            for j in range(i,i+10): out[row]|=q[j]<<np.uint32(3*(j-i)+1)
            i+=10; out[row]|=q[i]<<np.uint32(31); row+=1
            out[row]|=(q[i]>>np.uint32(1))&np.uint32(3); i+=1
            for j in range(i,i+10): out[row]|=q[j]<<np.uint32(3*(j-i)+2)
            i+=10; row+=1
    return out.view(np.int32)
for bits in (2,3,4,8):
    for fmt,act in (('gptq',False),('gptq_v2',True)):
        group=32; groups=IN//group
        q=rng.integers(0,2**bits,(IN,OUT)); scales=(rng.random((groups,OUT))*0.1+0.01).astype(np.float16)
        zeros=rng.integers(1 if fmt=='gptq' else 0,2**bits,(groups,OUT))
        g=np.arange(IN,dtype=np.int32)//group
        if act: g=rng.permutation(g).astype(np.int32)
        stored=zeros-1 if fmt=='gptq' else zeros
        qzeros=pack_rows(stored.T.copy(),bits).T.copy()
        expected=(scales.astype(np.float32)[g]*(q-zeros[g]).astype(np.float32)).T
        save(f'gptq{bits}-{fmt}',dict(quant_method='gptq',bits=bits,group_size=group,desc_act=act,sym=False,checkpoint_format=fmt),
            {'.qweight':pack_rows(q,bits),'.qzeros':qzeros,'.scales':scales,'.g_idx':g},expected)
# AWQ, gemm
q=rng.integers(0,16,(IN,OUT)); z=rng.integers(0,16,(2,OUT)); s=(rng.random((2,OUT))*0.1).astype(np.float16)
def awq(v):
    out=np.zeros((v.shape[0],v.shape[1]//8),np.uint32)
    for c in range(out.shape[1]):
        for i,o in enumerate([0,2,4,6,1,3,5,7]): out[:,c]|=v[:,c*8+o].astype(np.uint32)<<np.uint32(4*i)
    return out.view(np.int32)
g=np.arange(IN)//32
save('awq4',dict(quant_method='awq',bits=4,group_size=32,zero_point=True,version='gemm'),{'.qweight':awq(q),'.qzeros':awq(z),'.scales':s},((q-z[g]).astype(np.float32)*s.astype(np.float32)[g]).T)
# bitsandbytes
w=torch.randn(OUT,IN)*0.3
for kind,nested in (('nf4',False),('nf4',True),('fp4',False)):
    qw,st=F.quantize_4bit(w,quant_type=kind,blocksize=64,compress_statistics=nested)
    save(f'bnb-{kind}'+('-nested' if nested else ''),dict(quant_method='bitsandbytes',load_in_4bit=True,bnb_4bit_quant_type=kind,bnb_4bit_use_double_quant=nested),
        {'.weight':qw,**{'.weight.'+k:v for k,v in st.as_dict(packed=True).items()}},F.dequantize_4bit(qw,st))
qw,stats,_=F.int8_vectorwise_quant(w.half())
save('bnb-int8',dict(quant_method='bitsandbytes',load_in_8bit=True),{'.weight':qw,'.SCB':stats,'.weight_format':torch.tensor(0,dtype=torch.uint8)},F.int8_vectorwise_dequant(qw,stats))
# FP8
f8=(w*100).to(torch.float8_e4m3fn)
blocks=torch.rand(2,3)*0.01
save('fp8-block',dict(quant_method='fp8',fmt='e4m3',weight_block_size=[16,24]),{'.weight':f8,'.weight_scale_inv':blocks},f8.float()*blocks.repeat_interleave(16,0).repeat_interleave(24,1)[:OUT,:IN])
one=torch.tensor(0.0123); save('fp8-tensor',dict(quant_method='fp8',activation_scheme='static'),{'.weight':f8,'.weight_scale_inv':one,'.input_scale':torch.tensor(1.0)},f8.float()*one)
rows=(torch.rand(OUT,1)*0.01).bfloat16()
save('ct-float',dict(quant_method='compressed-tensors',format='float-quantized',config_groups=dict(group_0=dict(targets=['Linear'],weights=dict(num_bits=8,type='float',strategy='channel')))),{'.weight':f8,'.weight_scale':rows},f8.float()*rows.float())
i8=torch.randint(-128,128,(OUT,IN),dtype=torch.int8)
save('ct-int8',dict(quant_method='compressed-tensors',format='int-quantized',config_groups=dict(group_0=dict(targets=['Linear'],weights=dict(num_bits=8,type='int',strategy='channel')))),{'.weight':i8,'.weight_scale':rows},i8.float()*rows.float())
for bits,zero in ((4,False),(4,True),(8,False)):
    lo=-(1<<bits-1); q=torch.randint(lo,-lo,(OUT,IN),dtype=torch.int8); s=(torch.rand(OUT,2)*0.1).bfloat16()
    z=torch.randint(lo,-lo,(OUT,2),dtype=torch.int8) if zero else torch.zeros(OUT,2,dtype=torch.int8)
    t={'.weight_packed':pack_to_int32(q,bits),'.weight_scale':s,'.weight_shape':torch.tensor([OUT,IN])}
    if zero: t['.weight_zero_point']=pack_to_int32(z,bits,packed_dim=0)
    e=(q.float()-z.float().repeat_interleave(32,1))*s.float().repeat_interleave(32,1)
    save(f'ct-pack{bits}'+('-zero' if zero else ''),dict(quant_method='compressed-tensors',format='pack-quantized',config_groups=dict(group_0=dict(targets=['Linear'],weights=dict(num_bits=bits,type='int',strategy='group',group_size=32,symmetric=not zero)))),t,e)

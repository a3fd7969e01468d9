#!/usr/bin/env python3
"""Trains the three tiny tokenizers here (tok-bpe, tok-spm, tok-wpm) on a text. usage: make-tokenizers.py TEXT"""
import json,os,sys,tempfile,shutil
from tokenizers import Tokenizer,models,pre_tokenizers,decoders,trainers,normalizers,processors,Regex,AddedToken
text=open(sys.argv[1]).read()[:200000]
T=tempfile.mkdtemp()
here=os.path.dirname(os.path.abspath(__file__))
# byte-level BPE with Llama 3's pattern
t=Tokenizer(models.BPE(ignore_merges=True))
t.pre_tokenizer=pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"),'isolated'),pre_tokenizers.ByteLevel(add_prefix_space=False,use_regex=False)])
t.decoder=decoders.ByteLevel()
tr=trainers.BpeTrainer(vocab_size=376,initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),show_progress=False)
t.train_from_iterator([text],tr)
t.add_special_tokens([AddedToken('<|endoftext|>',special=True,normalized=False),AddedToken('<|im_start|>',special=True,normalized=False),AddedToken('<|im_end|>',special=True,normalized=False)])
t.add_tokens([AddedToken('<tool_call>',special=False,normalized=False)])
t.post_processor=processors.Sequence([processors.ByteLevel(trim_offsets=False)])
d=here+'/tok-bpe'; os.makedirs(d,exist_ok=True); t.save(d+'/tokenizer.json',pretty=False)
json.dump({'add_prefix_space':False,'bos_token':None,'eos_token':'<|im_end|>','pad_token':'<|endoftext|>','unk_token':None,'tokenizer_class':'PreTrainedTokenizerFast','chat_template':"{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}",'model_max_length':256},open(d+'/tokenizer_config.json','w'),indent=1)
# SentencePiece
import sentencepiece as spm
d=here+'/tok-spm'; os.makedirs(d,exist_ok=True)
open(T+'/spm.txt','w').write('\n'.join(l for l in text.split('\n') if l.isascii())[:150000])
spm.SentencePieceTrainer.train(input=T+'/spm.txt',model_prefix=T+'/spm',normalization_rule_name='identity',vocab_size=380,model_type='bpe',byte_fallback=True,character_coverage=0.9995,unk_id=0,bos_id=1,eos_id=2,pad_id=-1,minloglevel=2)
shutil.copy(T+'/spm.model',d+'/tokenizer.model')
json.dump({'add_bos_token':True,'add_eos_token':False,'added_tokens_decoder':{'0':{'content':'<unk>','special':True},'1':{'content':'<s>','special':True},'2':{'content':'</s>','special':True},'380':{'content':'<|user|>','special':False},'381':{'content':'[TOOL]','special':False}},'bos_token':'<s>','eos_token':'</s>','unk_token':'<unk>','tokenizer_class':'LlamaTokenizer','model_max_length':256,'legacy':False},open(d+'/tokenizer_config.json','w'),indent=1)
open(d+'/chat_template.jinja','w').write("{% for m in messages %}[{{ m.role }}] {{ m.content }}</s>{% endfor %}")
# WordPiece
t=Tokenizer(models.WordPiece(unk_token='[UNK]'))
t.normalizer=normalizers.BertNormalizer(lowercase=True); t.pre_tokenizer=pre_tokenizers.BertPreTokenizer(); t.decoder=decoders.WordPiece()
t.train_from_iterator([text],trainers.WordPieceTrainer(vocab_size=200,special_tokens=['[PAD]','[UNK]','[CLS]','[SEP]','[MASK]'],limit_alphabet=60,show_progress=False))
v=t.get_vocab()
t.post_processor=processors.TemplateProcessing(single='[CLS] $A [SEP]',pair='[CLS] $A [SEP] $B:1 [SEP]:1',special_tokens=[('[CLS]',v['[CLS]']),('[SEP]',v['[SEP]'])])
d=here+'/tok-wpm'; os.makedirs(d+'/1_Pooling',exist_ok=True); t.save(d+'/tokenizer.json',pretty=False)
open(d+'/vocab.txt','w').write(''.join(k+'\n' for k,_ in sorted(v.items(),key=lambda x:x[1])))
json.dump({'do_lower_case':True,'unk_token':'[UNK]','sep_token':'[SEP]','pad_token':'[PAD]','cls_token':'[CLS]','mask_token':'[MASK]','tokenizer_class':'BertTokenizer','model_max_length':64},open(d+'/tokenizer_config.json','w'),indent=1)
json.dump([{'idx':0,'name':'0','path':'','type':'sentence_transformers.models.Transformer'},{'idx':1,'name':'1','path':'1_Pooling','type':'sentence_transformers.models.Pooling'}],open(d+'/modules.json','w'))
json.dump({'word_embedding_dimension':64,'pooling_mode_cls_token':True,'pooling_mode_mean_tokens':False},open(d+'/1_Pooling/config.json','w'))

// All kernels for one instruction set: included by a variant's file between its target attributes.
#pragma once

#include "../attention/attention.h"
#include "../encode/encode.h"
#include "../matmul/matmul.h"
#include "../peaks/peaks.h"
#include "../rows/rows.h"

#define SWL_TABLE(symbol, text)                                                                                       \
    const swl_kernels symbol = {                                                                                      \
        .name = text,                                                                                                 \
        .quantize = swl_quantize,                                                                                     \
        .round = swl_round,                                                                                           \
        .matmul = swl_matmul_rows,                                                                                   \
        .decode = swl_decode_rows,                                                                                    \
        .attention = swl_attention_run,                                                                               \
        .attention_join = swl_attention_join,                                                                         \
        .store = swl_store_cell,                                                                                      \
        .rms_norm = swl_rms_norm,                                                                                     \
        .layer_norm = swl_layer_norm,                                                                                 \
        .softmax = swl_softmax,                                                                                       \
        .add = swl_add,                                                                                               \
        .scale = swl_scale,                                                                                           \
        .softcap = swl_softcap,                                                                                       \
        .activate = swl_activate,                                                                                     \
        .rotate = swl_rotate,                                                                                         \
        .encode = swl_encode_blocks,                                                                                  \
        .peak_integer = swl_peak_integer,                                                                             \
        .peak_float = swl_peak_float,                                                                                 \
        .peak_pairs = swl_peak_pairs,                                                                                 \
        .peak_read = swl_peak_read,                                                                                   \
    }

// What does not depend on the instruction set: memory layouts, which types have kernels, and the choice of a table.
#include "include/swl.h"

#include "common/vector.h"
#include "variants/variants.h"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

enum { alignment = 64 };

static size_t padded(size_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

/// Lays activations out in memory, or only finds how many bytes they take where there is none.
static size_t lay_out(swl_activations *a, char *memory) {
    const size_t tokens = a->tokens, blocks = tokens * (a->columns / 32), spans = tokens * swl_spans(a->columns);
    size_t at = 0;
#define TAKE(member, bytes) a->member = memory ? (void *)(memory + at) : NULL, at += padded(bytes)
    TAKE(values, tokens * a->columns);
    TAKE(units, spans * 4);
    TAKE(shifts, blocks * 4);
    TAKE(counts, blocks * 4);
    TAKE(half_counts, blocks * 8);
    TAKE(sums, blocks * 4);
    TAKE(lows, spans * 2 * 3 * 4);
    TAKE(half_lows, spans * 4 * 3 * 4);
    TAKE(rest_starts, (tokens + SWL_TILE - 1) / SWL_TILE * (swl_spans(a->columns) + 1) * 4);
    TAKE(rests, tokens * (a->columns / 4) * sizeof(swl_rest));
    TAKE(flags, a->columns / 32);
#undef TAKE
    return at;
}

size_t swl_activations_bytes(size_t tokens, size_t columns) {
    swl_activations a = {.tokens = tokens, .columns = columns};
    return lay_out(&a, NULL);
}

swl_activations swl_activations_at(void *memory, size_t tokens, size_t columns) {
    swl_activations a = {.tokens = tokens, .columns = columns};
    lay_out(&a, memory);
    return a;
}

size_t swl_scratch_bytes(size_t tokens) {
    const size_t panel = SWL_CHUNK * 16 + (SWL_CHUNK / 16 + SWL_CHUNK / 32) * 64;
    const size_t integers = panel + (tokens + SWL_TILE - 1) / SWL_TILE * 2 * SWL_TILE * 64;
    const size_t pairs = 2048 * 32 * 2; // floats/tiles.h: SWL_PAIRS_SEGMENT columns of SWL_PANEL_ROWS rows
    return integers > pairs ? integers : pairs;
}

static size_t rounded(size_t count, size_t to) { return (count + to - 1) / to * to; }

size_t swl_attention_scratch_bytes(size_t head_size, size_t value_head_size) {
    const size_t width = rounded(value_head_size, 16), cells = SWL_ATTENTION_CELLS, queries = SWL_ATTENTION_QUERIES;
    const size_t scales = (rounded(head_size, 32) + rounded(width, 32)) / 32 * cells;
    const size_t scores = SWL_ATTENTION_TILE * cells, rows = queries * (rounded(head_size, 128) + width);
    return (scores + rows + scales + (head_size + width) * cells) * sizeof(float);
}

size_t swl_attention_partial_floats(size_t value_head_size) { return 32 + rounded(value_head_size, 16); }

size_t swl_attention_cell_bytes(uint32_t type, size_t head_size, int keys, size_t cells) {
    const size_t size = keys ? head_size : rounded(head_size, 16);
    return type == 0 ? cells * size * 4 : type == 1 ? cells * size * 2 : cells * (size / 32) * 34;
}

swl_kind swl_kind_of(uint32_t type) {
    switch (type) {
    case 0: case 1: return swl_kind_float;
    case 30: return swl_kind_bfloat;
    case 2: case 3: case 6: case 7: case 8: case 10: case 11: case 12: case 13: case 14: case 20: case 23: case 39:
        return swl_kind_integer;
    default: return swl_kind_none;
    }
}

#if defined(__x86_64__)
/// Which register states the operating system saves (XGETBV 0).
static uint32_t saved_states(void) {
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static int has_x86(swl_instruction_set set) {
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
    const uint32_t fma = 1u << 12, osxsave = 1u << 27, avx = 1u << 28, f16c = 1u << 29;
    if ((c & (fma | osxsave | avx | f16c)) != (fma | osxsave | avx | f16c)) return 0;
    const uint32_t states = saved_states();
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    const uint32_t bmi = 1u << 3, avx2 = 1u << 5, bmi2 = 1u << 8;
    if ((states & 0x6u) != 0x6u || (b & (bmi | avx2 | bmi2)) != (bmi | avx2 | bmi2)) return 0;
    if (set == swl_avx2) return 1;
    const uint32_t avx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31, vnni = 1u << 11; // F, DQ, BW, VL
    if ((states & 0xe6u) != 0xe6u || (b & avx512) != avx512 || (c & vnni) == 0) return 0;
    if (set == swl_avx512_vnni) return 1;
    const uint32_t bf16 = 1u << 5;
    return a >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & bf16) != 0;
}
#endif

const swl_kernels *swl_kernels_for(swl_instruction_set set) {
    switch (set) {
    case swl_scalar: return &swl_table_scalar;
#if defined(__x86_64__)
    case swl_avx2: return has_x86(set) ? &swl_table_avx2 : NULL;
    case swl_avx512_vnni: return has_x86(set) ? &swl_table_avx512_vnni : NULL;
    case swl_avx512_bf16: return has_x86(set) ? &swl_table_avx512_bf16 : NULL;
#elif defined(__aarch64__)
#if defined(__linux__)
    case swl_neon: return getauxval(AT_HWCAP) & (1ul << 20) ? &swl_table_neon : NULL; // HWCAP_ASIMDDP
#else
    case swl_neon: return &swl_table_neon;
#endif
#endif
    default: return NULL;
    }
}

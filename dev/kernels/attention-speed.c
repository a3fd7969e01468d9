// Attention's kernels alone, on one thread: G multiply-adds/s, share of the machine's limit, and GB/s of cache read.
//
//     clang -O2 -std=gnu17 -ISources/CSwiftletKernels/include Sources/CSwiftletKernels/swl.c \
//         Sources/CSwiftletKernels/variants/*.c dev/kernels/attention-speed.c -lm -o /tmp/attention-speed
//     /tmp/attention-speed [avx2|scalar|neon] [peak GFMA/s of one thread: 58.7]
//
// Times are of the thread's processor clock, the least of many runs. Where few rows look at many cells the cache lies in
// copies that do not fit in the processor's own, so that it comes from memory.
#include "swl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void *memory(size_t bytes) {
    void *p = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (!p) exit(1);
    memset(p, 0, bytes);
    return p;
}

static uint64_t state = 1;
static float uniform(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (float)(int64_t)(state >> 40) / (float)(1 << 23) - 1;
}

static void measure(const swl_kernels *k, double peak, uint32_t type, size_t heads, size_t kv_heads, size_t size,
                    size_t depth, size_t rows) {
    const size_t cells = depth + rows, page = (cells + SWL_ATTENTION_CELLS - 1) / SWL_ATTENTION_CELLS * SWL_ATTENTION_CELLS;
    const size_t bytes = kv_heads * swl_attention_cell_bytes(type, size, 1, page), group = heads / kv_heads;
    const size_t copies = rows < 16 ? ((size_t)96 << 20) / (2 * bytes) + 1 : 1;
    char *cache = memory(2 * bytes * copies);
    float *row = memory(kv_heads * size * 4), *q = memory(rows * heads * size * 4), *output = memory(rows * heads * size * 4);
    int64_t *ranges = memory(rows * 16);
    void *scratch = memory(swl_attention_scratch_bytes(size, size));
    for (size_t c = 0; c < cells; c++)
        for (int keys = 0; keys < 2; keys++) {
            for (size_t i = 0; i < kv_heads * size; i++) row[i] = uniform();
            const swl_cell cell = {type, keys, row, kv_heads, size, cache + (keys ? 0 : bytes), page, c};
            k->store(&cell);
        }
    for (size_t c = 1; c < copies; c++) memcpy(cache + c * 2 * bytes, cache, 2 * bytes);
    for (size_t i = 0; i < rows * heads * size; i++) q[i] = uniform() * 2;
    double products = 0, best = 1e9;
    for (size_t r = 0; r < rows; r++) {
        ranges[r * 2 + 1] = (int64_t)(depth + r + 1);
        products += 2.0 * (double)((depth + r + 1) * size * heads);
    }
    const size_t step = SWL_ATTENTION_QUERIES / group, runs = 5 + (size_t)(4e9 / products);
    for (size_t run = 0; run < (runs < 300 ? runs : 300); run++) {
        const void *keys = cache + run % copies * 2 * bytes, *values = (const char *)keys + bytes;
        const double start = now();
        for (size_t first = 0; first < rows; first += step)
            for (size_t h = 0; h < kv_heads; h++) {
                const swl_attention call = {
                    .type = type, .key_pages = &keys, .value_pages = &values, .positions_per_page = page,
                    .head_size = size, .value_head_size = size, .scale = 1 / sqrtf((float)size), .queries = q,
                    .query_stride = heads * size, .output = output, .output_stride = heads * size, .ranges = ranges,
                    .first_row = first, .end_row = first + step < rows ? first + step : rows, .first_head = h * group,
                    .end_head = (h + 1) * group, .kv_head = h, .end_cell = page, .scratch = scratch,
                };
                k->attention(&call);
            }
        const double time = now() - start;
        if (run && time < best) best = time;
    }
    const double read = (double)(2 * bytes) * (double)cells / (double)page;
    printf("| %s | %zu / %zu of %zu | %zu | %zu | %.0f | %.1f (%.0f%%) | %.1f |\n",
           type == 0 ? "F32" : type == 1 ? "F16" : "Q8_0", heads, kv_heads, size, depth, rows, best * 1e6,
           products / best / 1e9, products / best / 1e7 / peak, read / best / 1e9);
    free(cache), free(row), free(q), free(output), free(ranges), free(scratch);
}

int main(int count, char **words) {
    swl_instruction_set set = swl_avx512_vnni;
    if (count > 1) set = !strcmp(words[1], "avx2") ? swl_avx2 : !strcmp(words[1], "neon") ? swl_neon : swl_scalar;
    const swl_kernels *k = swl_kernels_for(set);
    if (!k) return fprintf(stderr, "this machine has no such kernels\n"), 1;
    const double peak = count > 2 ? atof(words[2]) : 58.7;
    const size_t shapes[][5] = {
        {12, 2, 128, 256, 1}, {12, 2, 128, 4096, 1}, {9, 3, 64, 256, 1}, {9, 3, 64, 4096, 1}, {12, 2, 128, 4096, 2},
        {12, 2, 128, 0, 256}, {12, 2, 128, 3840, 256}, {9, 3, 64, 0, 256}, {9, 3, 64, 3840, 256}, {12, 12, 64, 0, 256},
    };
    const uint32_t types[] = {1, 8, 0};
    printf("%s\n| cache | heads | depth | rows | us | GFMA/s (of the limit) | GB/s |\n", k->name);
    printf("|---|---|---|---|---|---|---|\n");
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (size_t t = 0; t < 3; t++)
            measure(k, peak, types[t], shapes[s][0], shapes[s][1], shapes[s][2], shapes[s][3], shapes[s][4]);
    return 0;
}

// Compares every kernel table of this machine with the scalar one, bit by bit, and prints a digest of the scalar results:
// the digest must be the same on every architecture. See check-neon.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "swl.h"

static uint64_t state = 1;

static uint32_t dice(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33);
}

static float uniform(void) { return (float)dice() / 1073741824.0f - 1.0f; }

static uint64_t digest = 14695981039346656037u;
static int failures = 0;

static void compare(const char *what, const swl_kernels *k, const void *expected, const void *found, size_t bytes) {
    if (k == swl_kernels_for(swl_scalar))
        for (size_t i = 0; i < bytes; i++) digest = (digest ^ ((const uint8_t *)expected)[i]) * 1099511628211u;
    if (memcmp(expected, found, bytes) == 0) return;
    failures++;
    printf("%s differs from scalar in %s\n", k->name, what);
}

static void *memory(size_t bytes) {
    void *p = aligned_alloc(64, (bytes + 127) / 64 * 64);
    if (!p) exit(2);
    memset(p, 0, bytes);
    return p;
}

typedef struct { uint32_t type; size_t elements, bytes, halves[2]; } format;
static const format formats[] = {
    {0, 1, 4, {99, 99}},     {1, 1, 2, {99, 99}},      {30, 1, 2, {99, 99}},    {2, 32, 18, {0, 99}},
    {3, 32, 20, {0, 2}},     {6, 32, 22, {0, 99}},     {7, 32, 24, {0, 2}},     {8, 32, 34, {0, 99}},
    {10, 256, 84, {80, 82}}, {11, 256, 110, {108, 99}}, {12, 256, 144, {0, 2}}, {13, 256, 176, {0, 2}},
    {14, 256, 210, {208, 99}}, {20, 32, 18, {0, 99}},  {23, 256, 136, {0, 99}}, {39, 32, 17, {99, 99}},
};

static void fill(const format *f, uint8_t *bytes, size_t blocks) {
    for (size_t i = 0; i < blocks * f->bytes; i++) bytes[i] = (uint8_t)dice();
    for (size_t b = 0; b < blocks; b++) {
        uint8_t *at = bytes + b * f->bytes;
        for (int i = 0; i < 2; i++) // halves near 0.01
            if (f->halves[i] != 99) at[f->halves[i] + 1] = (uint8_t)(0x20 | (at[f->halves[i] + 1] & 0x83));
        if (f->type == 0) memcpy(at, &(float){uniform()}, 4);
        if (f->type == 1) at[1] &= 0xbb;
        if (f->type == 30) at[1] = (at[1] & 0x80) | 0x3f;
        if (f->type == 39) at[0] = 115 + at[0] % 10;
    }
}

static void check_matmul(const swl_kernels *k, const format *f, size_t rows, size_t columns, size_t tokens) {
    const swl_kernels *scalar = swl_kernels_for(swl_scalar);
    const size_t row_bytes = columns / f->elements * f->bytes;
    uint8_t *weights = memory(16 * row_bytes);
    float *x = memory(tokens * columns * 4);
    float *outputs[2] = {memory(tokens * rows * 4), memory(tokens * rows * 4)};
    void *quantized = memory(swl_activations_bytes(tokens, columns)), *scratch = memory(swl_scratch_bytes(tokens));
    void *rounded = memory(swl_rounded_bytes(tokens, columns));
    state = rows * 7919 + columns * 31 + tokens;
    fill(f, weights, rows * columns / f->elements);
    for (size_t i = 0; i < tokens * columns; i++) x[i] = uniform() * (i % 37 == 5 ? 20 : 1);
    const swl_kernels *tables[2] = {scalar, k};
    for (int i = 0; i < 2; i++) {
        swl_activations a = swl_activations_at(quantized, tokens, columns);
        for (size_t tile = 0; tile * SWL_TILE < tokens; tile++) {
            if (columns % 32 == 0) tables[i]->quantize(x, columns, &a, tile);
            tables[i]->round(x, columns, tokens, columns, tile, rounded);
        }
        swl_matmul call = {f->type, weights, row_bytes, rows, columns, tokens, &a, x, scratch, outputs[i], rows, 0, columns,
                           rounded};
        tables[i]->matmul(&call);
    }
    char what[80];
    snprintf(what, sizeof what, "matmul of type %u, [%zu, %zu] x [%zu, %zu]", f->type, rows, columns, tokens, columns);
    compare(what, k, outputs[0], outputs[1], tokens * rows * 4);
    free(weights), free(x), free(outputs[0]), free(outputs[1]), free(quantized), free(scratch), free(rounded);
}

static void check_attention(const swl_kernels *k, uint32_t type, size_t head_size, int window) {
    enum { cells = 175, per_page = 256, rows = 5, heads = 3 };
    const swl_kernels *tables[2] = {swl_kernels_for(swl_scalar), k};
    const size_t page_bytes = swl_attention_cell_bytes(type, head_size, 1, per_page);
    uint8_t *keys = memory(page_bytes), *values = memory(page_bytes);
    float *q = memory(rows * heads * head_size * 4), *row = memory(head_size * 4);
    float *outputs[2] = {memory(rows * heads * head_size * 4), memory(rows * heads * head_size * 4)};
    void *scratch = memory(swl_attention_scratch_bytes(head_size, head_size));
    state = head_size + type;
    for (size_t c = 0; c < cells; c++)
        for (int part = 0; part < 2; part++) {
            for (size_t i = 0; i < head_size; i++) row[i] = uniform();
            const swl_cell cell = {type, !part, row, 1, head_size, part ? values : keys, per_page, c};
            k->store(&cell);
        }
    for (size_t i = 0; i < rows * heads * head_size; i++) q[i] = uniform() * 3;
    int64_t ranges[rows * 2];
    for (int r = 0; r < rows; r++) {
        ranges[r * 2 + 1] = cells - rows + r + 1;
        ranges[r * 2] = ranges[r * 2 + 1] > window ? ranges[r * 2 + 1] - window : 0;
    }
    const void *key_pages[] = {keys}, *value_pages[] = {values};
    const float sinks[heads] = {0.5f, -1, 2};
    for (int i = 0; i < 2; i++) {
        swl_attention call = {
            .type = type, .key_pages = key_pages, .value_pages = value_pages, .positions_per_page = per_page,
            .head_size = head_size, .value_head_size = head_size, .scale = 0.3f,
            .softcap = window < 50 ? 8 : 0, .sinks = sinks, .queries = q,
            .query_stride = heads * head_size, .output = outputs[i], .output_stride = heads * head_size,
            .ranges = ranges, .first_row = 0, .end_row = rows, .first_head = 0, .end_head = heads, .end_cell = per_page,
            .scratch = scratch,
        };
        tables[i]->attention(&call);
    }
    compare("attention", k, outputs[0], outputs[1], rows * heads * head_size * 4);
    free(keys), free(values), free(q), free(row), free(outputs[0]), free(outputs[1]), free(scratch);
}

static void check_rows(const swl_kernels *k) {
    enum { n = 1003 };
    static float x[n], w[n], results[2][8][n];
    const swl_kernels *tables[2] = {swl_kernels_for(swl_scalar), k};
    state = 5;
    for (int i = 0; i < n; i++) x[i] = uniform() * 8, w[i] = uniform();
    memset(results, 0, sizeof results);
    for (int i = 0; i < 2; i++) {
        float(*r)[n] = results[i];
        tables[i]->rms_norm(x, w, 1e-5f, n, r[0]);
        tables[i]->layer_norm(x, w, x, 1e-5f, n, r[1]);
        memcpy(r[2], x, sizeof x), tables[i]->softmax(r[2], n);
        memcpy(r[3], x, sizeof x), tables[i]->softcap(r[3], 5, n);
        tables[i]->activate(swl_silu, x, w, n, r[4]);
        tables[i]->activate(swl_gelu_tanh, x, w, n, r[5]);
        memcpy(r[6], x, sizeof x), tables[i]->add(w, 0.3f, n, r[6]);
        memcpy(r[7], x, sizeof x), tables[i]->rotate(r[7], 10, 100, 64, 1, x, w);
    }
    compare("rows", k, results[0], results[1], sizeof results[0]);
}

/// A grid of `points` points of which every other code has some as candidates: any will do to compare tables.
static swl_grid a_grid(int bits, int coordinates, int levels, int points) {
    const size_t codes = (size_t)1 << (bits * coordinates), each = 30;
    int32_t *places = memory(codes * 4);
    uint16_t *lists = memory((codes * (each + 1) + 16) * 2), *at = lists, *on_grid = memory((size_t)points * 2);
    for (size_t c = 0; c < codes; c++) places[c] = -1;
    for (int p = 0; p < points; p++) {
        uint32_t code = 0;
        for (int i = 0; p > 0 && i < coordinates; i++) code |= dice() % (uint32_t)levels << (i * bits);
        places[code] = p;
        on_grid[p] = (uint16_t)code;
    }
    for (size_t c = 0; c < codes; c++) {
        if (places[c] >= 0) continue;
        places[c] = ~(int32_t)(at - lists);
        *at = (uint16_t)(1 + dice() % each);
        for (int i = 1; i <= *at; i++) at[i] = on_grid[dice() % (uint32_t)points];
        at += *at + 1;
    }
    free(on_grid);
    return (swl_grid){places, lists};
}

static void check_encode(const swl_kernels *k) {
    static const struct { uint32_t type; size_t elements, bytes; } encodings[] = {
        {1, 1, 2},      {2, 32, 18},    {3, 32, 20},    {6, 32, 22},    {7, 32, 24},    {8, 32, 34},    {10, 256, 84},
        {11, 256, 110}, {12, 256, 144}, {13, 256, 176}, {14, 256, 210}, {16, 256, 66},  {17, 256, 74},  {18, 256, 98},
        {19, 256, 50},  {20, 32, 18},   {21, 256, 110}, {22, 256, 82},  {23, 256, 136}, {29, 256, 56},  {34, 256, 54},
        {35, 256, 66},  {39, 32, 17},   {40, 64, 36},   {41, 128, 18},  {42, 64, 18},
    };
    enum { columns = 512, count = columns * 19 };
    const swl_kernels *tables[2] = {swl_kernels_for(swl_scalar), k};
    float *x = memory(count * 4), *importance = memory(columns * 4);
    state = 11;
    const swl_grid grids[2] = {a_grid(2, 8, 3, 256), a_grid(3, 4, 8, 256)};
    for (int i = 0; i < columns; i++) importance[i] = i % 29 == 4 ? 0 : fabsf(uniform()) * (i % 37 == 5 ? 300 : 1);
    for (int kind = 0; kind < 5; kind++) {
        for (int i = 0; i < count; i++) {
            const float wide = uniform() * uniform() * (i % 97 == 3 ? 50 : 1), small = wide * 0x1p-140f;
            const float values[5] = {wide, i % 7 ? 0 : wide, (float)((int)dice() % 9 - 4), small, 0.7f};
            x[i] = i / 32 % 11 == 3 ? 0 : values[kind];
        }
        for (size_t e = 0; e < sizeof encodings / sizeof *encodings; e++)
            for (int weighted = 0; weighted < 2; weighted++) {
                const uint32_t type = encodings[e].type;
                if (!weighted && (type == 16 || type == 17 || type == 19)) continue;
                const size_t blocks = count / encodings[e].elements, bytes = blocks * encodings[e].bytes;
                uint8_t *outputs[2] = {memory(bytes), memory(bytes)};
                for (int i = 0; i < 2; i++) {
                    const swl_encode call = {type, x, blocks, weighted ? importance : NULL, columns / encodings[e].elements,
                                             grids[type == 18 || type == 21], outputs[i]};
                    if (!tables[i]->encode(&call)) printf("no encoder of type %u\n", type), failures++;
                }
                char what[80];
                snprintf(what, sizeof what, "encoding of type %u, kind %d, %s", type, kind, weighted ? "weighted" : "plain");
                compare(what, k, outputs[0], outputs[1], bytes);
                free(outputs[0]), free(outputs[1]);
            }
    }
    for (int i = 0; i < 2; i++) free((void *)grids[i].places), free((void *)grids[i].lists);
    free(x), free(importance);
}

int main(void) {
    const size_t shapes[][3] = {{16, 32, 1}, {5, 64, 2}, {16, 288, 7}, {16, 256, 1}, {7, 256, 8}, {16, 1536, 9}, {3, 100, 3}, {6, 4116, 11}, {16, 100, 52}};
    for (int set = swl_scalar; set <= swl_neon; set++) {
        const swl_kernels *k = swl_kernels_for((swl_instruction_set)set);
        if (!k) continue;
        printf("%s\n", k->name);
        for (size_t f = 0; f < sizeof formats / sizeof *formats; f++)
            for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
                if (shapes[s][1] % formats[f].elements == 0)
                    check_matmul(k, &formats[f], shapes[s][0], shapes[s][1], shapes[s][2]);
        const uint32_t caches[] = {0, 1, 8};
        for (int c = 0; c < 3; c++) {
            check_attention(k, caches[c], 64, 1000);
            check_attention(k, caches[c], 96, 20);
        }
        check_rows(k);
        check_encode(k);
    }
    printf("digest %016llx, %d failures\n", (unsigned long long)digest, failures);
    return failures > 0;
}

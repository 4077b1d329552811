/* bag.c -- a treap (Seidel and Aragon 1996) whose priorities are hashes of the items.
 *
 * The shape then depends only on what is inside, not on the order in which it came,
 * and no source of chance is needed. Every node holds the sum of the positive
 * weights below it, so that places are found in O(log n).
 *
 * Invariant: keys ascend in order, priorities never rise from parent to child. */
#include "exec/state/bag.h"

#include "base/hash.h"

struct node {
    lt_ref left, right;
    uint64_t priority;
    int64_t weight;
    int64_t total; /* positive weights of the subtree */
    uint32_t key_len, value_len;
    char bytes[];
};

static const struct node *read_node(const struct lt_state_heap *heap, lt_ref ref)
{
    return ref ? lt_heap_at(heap, ref) : NULL;
}

static size_t node_size(const struct node *node)
{
    return sizeof(*node) + node->key_len + node->value_len;
}

static int64_t total_of(const struct lt_state_heap *heap, lt_ref ref)
{
    return ref ? read_node(heap, ref)->total : 0;
}

static void recount(const struct lt_state_heap *heap, struct node *node)
{
    node->total = total_of(heap, node->left) + total_of(heap, node->right) +
                  (node->weight > 0 ? node->weight : 0);
}

static int part_compare(const char *a, size_t a_len, struct lt_str b)
{
    size_t len = a_len < b.len ? a_len : b.len;
    int order = len ? memcmp(a, b.data, len) : 0;
    return order ? order : (a_len > b.len) - (a_len < b.len);
}

static int node_compare(const struct node *node, const struct lt_bag_item *item)
{
    int order = part_compare(node->bytes, node->key_len, item->key);
    return order ? order : part_compare(node->bytes + node->key_len, node->value_len, item->value);
}

static lt_status node_new(struct lt_state_heap *heap, const struct lt_bag_item *item, lt_ref *ref)
{
    void *ptr;
    LT_TRY(lt_heap_new(heap, sizeof(struct node) + item->key.len + item->value.len, ref, &ptr));
    struct node *node = ptr;
    node->key_len = (uint32_t)item->key.len;
    node->value_len = (uint32_t)item->value.len;
    if (node->key_len)
        memcpy(node->bytes, item->key.data, node->key_len);
    if (node->value_len)
        memcpy(node->bytes + node->key_len, item->value.data, node->value_len);
    node->priority = lt_hash_bytes(node->bytes, node->key_len + node->value_len, 7);
    node->weight = item->weight;
    recount(heap, node);
    return LT_OK;
}

/* Both subtrees in one; everything in `left` is before everything in `right`. */
static lt_ref join(struct lt_state_heap *heap, lt_ref left, lt_ref right)
{
    if (!left || !right)
        return left ? left : right;
    struct node *a = lt_heap_write(heap, left), *b = lt_heap_write(heap, right);
    if (a->priority >= b->priority) {
        a->right = join(heap, a->right, right);
        recount(heap, a);
        return left;
    }
    b->left = join(heap, left, b->left);
    recount(heap, b);
    return right;
}

/* Brings a child whose priority has become higher up above its parent. */
static void rotate(struct lt_state_heap *heap, lt_ref *root)
{
    struct node *node = lt_heap_write(heap, *root);
    lt_ref up = 0;
    if (node->left && read_node(heap, node->left)->priority > node->priority) {
        up = node->left;
        struct node *child = lt_heap_write(heap, up);
        node->left = child->right;
        child->right = *root;
    } else if (node->right && read_node(heap, node->right)->priority > node->priority) {
        up = node->right;
        struct node *child = lt_heap_write(heap, up);
        node->right = child->left;
        child->left = *root;
    }
    recount(heap, node);
    if (up) {
        recount(heap, lt_heap_write(heap, up));
        *root = up;
    }
}

static lt_status add_at(struct lt_state_heap *heap, lt_ref *root, const struct lt_bag_item *item,
                        int64_t *len)
{
    if (!*root) {
        LT_TRY(node_new(heap, item, root));
        ++*len;
        return LT_OK;
    }
    struct node *node = lt_heap_write(heap, *root);
    int order = node_compare(node, item);
    if (order == 0) {
        node->weight += item->weight;
        if (node->weight == 0) {
            lt_ref gone = *root;
            *root = join(heap, node->left, node->right);
            lt_heap_free(heap, gone, node_size(node));
            --*len;
        } else {
            recount(heap, node);
        }
        return LT_OK;
    }
    LT_TRY(add_at(heap, order > 0 ? &node->left : &node->right, item, len));
    rotate(heap, root);
    return LT_OK;
}

lt_status lt_bag_add(struct lt_state_heap *heap, struct lt_bag *bag, struct lt_str key,
                     struct lt_str value, int64_t weight)
{
    struct lt_bag_item item = {.key = key, .value = value, .weight = weight};
    return weight ? add_at(heap, &bag->root, &item, &bag->len) : LT_OK;
}

static struct lt_bag_item item_of(const struct node *node)
{
    return (struct lt_bag_item){
        .key = {node->bytes, node->key_len},
        .value = {node->bytes + node->key_len, node->value_len},
        .weight = node->weight,
    };
}

static lt_status merge_from(struct lt_state_heap *heap, struct lt_bag *into,
                            const struct lt_state_heap *from_heap, lt_ref ref)
{
    const struct node *node = read_node(from_heap, ref);
    if (!node)
        return LT_OK;
    struct lt_bag_item item = item_of(node);
    LT_TRY(lt_bag_add(heap, into, item.key, item.value, item.weight));
    LT_TRY(merge_from(heap, into, from_heap, node->left));
    return merge_from(heap, into, from_heap, node->right);
}

lt_status lt_bag_merge(struct lt_state_heap *heap, struct lt_bag *into,
                       const struct lt_state_heap *from_heap, const struct lt_bag *from)
{
    return merge_from(heap, into, from_heap, from->root);
}

static void drop_at(struct lt_state_heap *heap, lt_ref ref)
{
    const struct node *node = read_node(heap, ref);
    if (!node)
        return;
    drop_at(heap, node->left);
    drop_at(heap, node->right);
    lt_heap_free(heap, ref, node_size(node));
}

void lt_bag_drop(struct lt_state_heap *heap, struct lt_bag *bag)
{
    drop_at(heap, bag->root);
    *bag = (struct lt_bag){0};
}

int64_t lt_bag_total(const struct lt_state_heap *heap, const struct lt_bag *bag)
{
    return total_of(heap, bag->root);
}

bool lt_bag_select(const struct lt_state_heap *heap, const struct lt_bag *bag, int64_t rank,
                   struct lt_bag_item *item)
{
    const struct node *node = read_node(heap, bag->root);
    if (rank < 0 || !node || rank >= node->total)
        return false;
    for (;;) {
        int64_t left = total_of(heap, node->left), own = node->weight > 0 ? node->weight : 0;
        if (rank < left) {
            node = read_node(heap, node->left);
        } else if (rank < left + own) {
            *item = item_of(node);
            return true;
        } else {
            rank -= left + own;
            node = read_node(heap, node->right);
        }
    }
}

bool lt_bag_last(const struct lt_state_heap *heap, const struct lt_bag *bag,
                 struct lt_bag_item *item)
{
    return lt_bag_select(heap, bag, lt_bag_total(heap, bag) - 1, item);
}

static lt_status walk_at(const struct lt_state_heap *heap, lt_ref ref,
                         lt_status (*visit)(void *ctx, const struct lt_bag_item *item), void *ctx)
{
    const struct node *node = read_node(heap, ref);
    if (!node || node->total == 0)
        return LT_OK;
    LT_TRY(walk_at(heap, node->left, visit, ctx));
    if (node->weight > 0) {
        struct lt_bag_item item = item_of(node);
        LT_TRY(visit(ctx, &item));
    }
    return walk_at(heap, node->right, visit, ctx);
}

lt_status lt_bag_walk(const struct lt_state_heap *heap, const struct lt_bag *bag,
                      lt_status (*visit)(void *ctx, const struct lt_bag_item *item), void *ctx)
{
    return walk_at(heap, bag->root, visit, ctx);
}

static bool check_at(const struct lt_state_heap *heap, lt_ref ref, uint64_t priority, int64_t *n,
                     const struct node **before)
{
    const struct node *node = read_node(heap, ref);
    if (!node)
        return true;
    if (node->priority > priority || node->weight == 0)
        return false;
    if (!check_at(heap, node->left, node->priority, n, before))
        return false;
    struct lt_bag_item item = item_of(node);
    if (*before && node_compare(*before, &item) >= 0)
        return false;
    *before = node;
    ++*n;
    if (!check_at(heap, node->right, node->priority, n, before))
        return false;
    return node->total == total_of(heap, node->left) + total_of(heap, node->right) +
                              (node->weight > 0 ? node->weight : 0);
}

bool lt_bag_check(const struct lt_state_heap *heap, const struct lt_bag *bag)
{
    const struct node *before = NULL;
    int64_t n = 0;
    return check_at(heap, bag->root, UINT64_MAX, &n, &before) && n == bag->len;
}

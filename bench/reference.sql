-- The least that finds the same articles in the same order: the product's sub-scores
-- and weights over the same tables, without its filters, its way for large
-- workspaces, and what it judges confidence by.
-- $1 workspace, $2 space, $3 vector, $4 time, $5 lexemes, $6 the same as
-- queries, $7 k1, $8 b, $9 b of titles, $10 to $14 the weights of the best
-- passage, the second, the title, words and words of the title.
WITH scope AS NOT MATERIALIZED (
    SELECT article_id, key, locale, revision FROM articles
    WHERE workspace_id = $1 AND CASE WHEN remove_time IS NULL AND valid_from <= $4 AND valid_until > $4 THEN true ELSE false END
), question AS MATERIALIZED (
    SELECT g.field, g.locale, array_agg(g.query) AS queries, array_agg(g.idf) AS idfs,
           CASE g.field WHEN 'B' THEN t.passage_lexemes::float8 / t.passages ELSE t.title_lexemes::float8 / t.articles END AS average
    FROM (SELECT c.field, c.locale, string_agg(q.query, ' | ')::tsquery AS query,
                 sum(ln(1 + (t.articles - c.count + .5) / (c.count + .5)))::float8 AS idf
          FROM unnest($5::text[], $6::text[]) q (lexeme, query)
          JOIN lexeme_counts c ON c.workspace_id = $1 AND c.field IN ('B', 'T') AND c.lexeme = q.lexeme
          JOIN locale_totals t ON t.workspace_id = $1 AND t.locale = c.locale
          GROUP BY c.field, c.locale, round(6 * ln(c.count))) g
    JOIN locale_totals t ON t.workspace_id = $1 AND t.locale = g.locale
    GROUP BY g.field, g.locale, t.passages, t.passage_lexemes, t.articles, t.title_lexemes
), found AS MATERIALIZED (
    -- Ordinal -1 is the title.
    SELECT article_id, ordinal, max(cosine) AS cosine, max(score) AS score
    FROM (SELECT article_id, ordinal, 1 - (vector <=> $3::halfvec) AS cosine, NULL::float8 AS score
          FROM passage_vectors WHERE workspace_id = $1 AND space_id = $2
          UNION ALL
          SELECT article_id, -1, 1 - (vector <=> $3::halfvec), NULL FROM title_vectors WHERE workspace_id = $1 AND space_id = $2
          UNION ALL
          SELECT l.article_id, l.ordinal, NULL, x.score
          FROM (SELECT l.article_id, l.ordinal, l.lexemes, q.queries, q.idfs,
                       ARRAY[1 / (1 + n.k), 2 / (2 + n.k), 3 / (3 + n.k), 4 / (4 + n.k)]::float4[] AS weights
                FROM (SELECT article_id, ordinal, length, lexemes, 'B' AS field, $8::float8 AS b FROM passage_lexemes WHERE workspace_id = $1
                      UNION ALL
                      SELECT article_id, -1, length, lexemes, 'T', $9::float8 FROM title_lexemes WHERE workspace_id = $1) l
                JOIN scope USING (article_id) JOIN question q ON q.field = l.field AND q.locale = scope.locale
                CROSS JOIN LATERAL (SELECT $7::float8 * (1 - l.b + l.b * l.length / q.average) AS k) n
                OFFSET 0) l
          CROSS JOIN LATERAL (
              SELECT sum(u.idf * ts_rank(l.weights, l.lexemes, u.query)) * 1.64493406685 * ($7::float8 + 1) AS score
              FROM unnest(l.queries, l.idfs) u (query, idf)) x) sub_scores
    GROUP BY article_id, ordinal
), top AS MATERIALIZED (
    SELECT s.article_id, s.key, s.locale, s.revision, p.best, p.second, p.title, p.words, p.title_words,
           $10::float8 * p.best + $11::float8 * coalesce(p.second, p.best) + $12::float8 * p.title
           + $13::float8 * coalesce(p.words, 0) + $14::float8 * coalesce(p.title_words, 0) AS fused
    FROM (SELECT article_id, max(cosine) FILTER (WHERE ordinal >= 0) AS best,
                 (array_agg(cosine ORDER BY cosine DESC NULLS LAST) FILTER (WHERE ordinal >= 0))[2] AS second,
                 max(cosine) FILTER (WHERE ordinal < 0) AS title,
                 max(score) FILTER (WHERE ordinal >= 0) AS words, max(score) FILTER (WHERE ordinal < 0) AS title_words
          FROM found GROUP BY article_id) p
    JOIN scope s USING (article_id)
    ORDER BY fused DESC, s.key, s.locale LIMIT 10
)
SELECT t.article_id::text, t.key, t.locale, t.revision, r.title, r.url, t.best, t.second, t.title, t.words, t.title_words, t.fused,
       p.ordinal, p.heading_path, p.start_offset, p.end_offset, p.text, f.cosine, f.score
FROM top t
JOIN revisions r ON r.workspace_id = $1 AND r.article_id = t.article_id AND r.revision = t.revision
JOIN (SELECT article_id, ordinal, cosine, score,
             row_number() OVER (PARTITION BY article_id ORDER BY ($10::float8 + $11::float8) * cosine + $13::float8 * coalesce(score, 0) DESC, ordinal) AS place
      FROM found WHERE ordinal >= 0 AND article_id = ANY (ARRAY(SELECT article_id FROM top))) f ON f.article_id = t.article_id AND f.place <= 3
JOIN passages p ON p.workspace_id = $1 AND p.article_id = t.article_id AND p.ordinal = f.ordinal
ORDER BY t.fused DESC, t.key, t.locale, f.place

-- Nothing depends on where it is, so it stays.
SELECT 1;

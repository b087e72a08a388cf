"""The store as tables in Parquet files (https://parquet.apache.org): papers, certificates and metrics."""

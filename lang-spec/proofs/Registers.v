(* Registers, tests and updates of a rule's table, as the frame has them (lang-spec/frame-format.md) and the runtime reads them
   (runtime/engine/src/history.rs). Register numbers are any type with decidable equality: the source of a rule and its table number them each in its own way. *)
Require Import ZArith List Bool Lia Permutation.
Import ListNotations.
Open Scope Z_scope.

(* Signed 64-bit words; the least one stands for a register that is not set. *)
Definition LEAST : Z := - 2 ^ 63.
Definition MOST : Z := 2 ^ 63 - 1.
Definition UNSET : Z := LEAST.
Definition saturated (x : Z) : Z := Z.max LEAST (Z.min MOST x).

(* What a rule reads of a letter: where it enters the alphabet, which facts hold (guards, personas, labels, approval, bindings), and where and when it
   and its call stand in the history. *)
Record letter := {
  site : nat;
  fact : nat -> bool;
  at_ : Z;
  position : Z;
  call_at : Z;
  call_position : Z }.

(* A test of the alphabet. *)
Inductive atom (R : Type) :=
| Fact (number : nat)
| Within (register : R) (ms : Z)
| CallAfter (register : R).
Arguments Fact {R} number.
Arguments Within {R} register ms.
Arguments CallAfter {R} register.

Definition rename_atom {R R' : Type} (m : R -> R') (a : atom R) : atom R' :=
  match a with Fact n => Fact n | Within r ms => Within (m r) ms | CallAfter r => CallAfter (m r) end.

Definition holds {R : Type} (l : letter) (v : R -> Z) (a : atom R) : bool :=
  match a with
  | Fact n => fact l n
  | Within r ms => negb (v r =? UNSET) && (saturated (at_ l - v r) <=? Z.min ms MOST)
  | CallAfter r => v r <? call_position l
  end.

(* What a register becomes. `Latest keep of`: the latest of alternatives, each the earliest of some registers (of none: the letter's time), and of the
   register itself if `keep`. *)
Inductive operation (R : Type) :=
| Now
| MaxCall
| Clear
| Latest (keep : bool) (of : list (list R)).
Arguments Now {R}. Arguments MaxCall {R}. Arguments Clear {R}. Arguments Latest {R} keep of.

Definition earliest (l : letter) (values : list Z) : Z :=
  match values with [] => at_ l | x :: rest => fold_right Z.min x rest end.

Definition updated {R : Type} (is_position : R -> bool) (l : letter) (v : R -> Z) (r : R) (op : operation R) : Z :=
  match op with
  | Now => if is_position r then position l else at_ l
  | MaxCall => Z.max (v r) (call_at l)
  | Clear => UNSET
  | Latest keep of => fold_right Z.max (if keep then v r else UNSET) (map (fun rs => earliest l (map v rs)) of)
  end.

Section Apply.
Variables (R : Type) (eq_dec : forall x y : R, {x = y} + {x <> y}) (is_position : R -> bool).

Definition write (v : R -> Z) (r : R) (x : Z) : R -> Z := fun k => if eq_dec r k then x else v k.

(* All updates of a letter read the registers as they were before it; they are written one after the other. *)
Definition apply (l : letter) (before : R -> Z) (us : list (R * operation R)) : R -> Z :=
  fold_left (fun v u => write v (fst u) (updated is_position l before (fst u) (snd u))) us before.

Lemma apply_other_from : forall l before us v r, ~ In r (map fst us) ->
  fold_left (fun v u => write v (fst u) (updated is_position l before (fst u) (snd u))) us v r = v r.
Proof.
  induction us as [|u us IH]; simpl; intros v r H; auto.
  rewrite IH by tauto. unfold write. destruct (eq_dec (fst u) r); tauto.
Qed.

Lemma apply_other : forall l before us r, ~ In r (map fst us) -> apply l before us r = before r.
Proof. intros; apply apply_other_from; auto. Qed.

Lemma apply_updated_from : forall l before us, NoDup (map fst us) -> forall r op, In (r, op) us -> forall v,
  fold_left (fun v u => write v (fst u) (updated is_position l before (fst u) (snd u))) us v r = updated is_position l before r op.
Proof.
  intros l before us ND r op. induction us as [|u us IH]; simpl; intros H v; [tauto|].
  inversion ND; subst. destruct H as [->|H]; [|now apply IH].
  simpl. rewrite apply_other_from by auto. unfold write. simpl. destruct (eq_dec r r); congruence.
Qed.

Lemma apply_updated : forall l before us, NoDup (map fst us) ->
  forall r op, In (r, op) us -> apply l before us r = updated is_position l before r op.
Proof. intros. now apply apply_updated_from. Qed.
End Apply.

(* Two updates are the same up to the names of registers. The order of alternatives, and of registers within one, does not matter. *)
Section Same.
Variables (R R' : Type) (m : R -> R').

Definition same_set {A : Type} (a b : list A) : Prop := forall x, In x a <-> In x b.

Definition same_alternatives (a : list (list R)) (b : list (list R')) : Prop :=
  (forall rs, In rs a -> exists rs', In rs' b /\ same_set (map m rs) rs') /\
  (forall rs', In rs' b -> exists rs, In rs a /\ same_set (map m rs) rs').

Definition same_operation (op : operation R) (op' : operation R') : Prop :=
  match op, op' with
  | Now, Now | MaxCall, MaxCall | Clear, Clear => True
  | Latest keep of, Latest keep' of' => keep = keep' /\ same_alternatives of of'
  | _, _ => False
  end.

(* A set of updates: no register twice, and for each one of the other set with the same meaning. *)
Definition same_updates (us : list (R * operation R)) (us' : list (R' * operation R')) : Prop :=
  NoDup (map fst us) /\ NoDup (map fst us') /\
  (forall r op, In (r, op) us -> exists op', In (m r, op') us' /\ same_operation op op') /\
  (forall r', In r' (map fst us') -> exists r, In r (map fst us) /\ m r = r').
End Same.

Lemma fold_min_least : forall x rest y, In y (x :: rest) -> fold_right Z.min x rest <= y.
Proof.
  intros x rest; induction rest as [|z rest IH]; simpl; intros y H; [destruct H; [subst; lia|tauto]|].
  destruct H as [<-|[<-|H]]; [specialize (IH x)|..]; simpl in *; [|lia|specialize (IH y)]; intuition lia.
Qed.

Lemma fold_min_in : forall x rest, In (fold_right Z.min x rest) (x :: rest).
Proof.
  intros x rest; induction rest as [|z rest IH]; simpl; auto.
  destruct (Z.min_spec z (fold_right Z.min x rest)) as [[_ ->]|[_ ->]]; simpl in *; intuition.
Qed.

Lemma earliest_same : forall l a b, same_set a b -> earliest l a = earliest l b.
Proof.
  intros l [|x a] [|y b] H; simpl; auto.
  - exfalso. apply (H y). now left.
  - exfalso. apply (H x). now left.
  - apply Z.le_antisymm; apply fold_min_least; apply H; apply fold_min_in.
Qed.

Lemma fold_max_spec : forall own xs, (forall y, In y xs -> y <= fold_right Z.max own xs) /\ own <= fold_right Z.max own xs /\
  (fold_right Z.max own xs = own \/ In (fold_right Z.max own xs) xs).
Proof.
  induction xs as [|z xs IH]; simpl; [intuition lia|]. destruct IH as (A & B & C).
  split; [intros y [<-|H]; [|apply A in H]; lia|]. split; [lia|].
  destruct (Z.max_spec z (fold_right Z.max own xs)) as [[_ ->]|[_ ->]]; intuition.
Qed.

Lemma fold_max_same : forall own a b, same_set a b -> fold_right Z.max own a = fold_right Z.max own b.
Proof.
  intros own a b H.
  destruct (fold_max_spec own a) as (A & A' & A''), (fold_max_spec own b) as (B & B' & B'').
  apply Z.le_antisymm.
  - destruct A'' as [->|I]; auto. apply B, H, I.
  - destruct B'' as [->|I]; auto. apply A, H, I.
Qed.

(* Under a renaming of registers, updates with the same meaning keep two valuations the same. *)
Section Renamed.
Variables (R R' : Type) (eq_dec : forall x y : R, {x = y} + {x <> y}) (eq_dec' : forall x y : R', {x = y} + {x <> y}).
Variables (is_position : R -> bool) (is_position' : R' -> bool) (m : R -> R').
Hypothesis Injective : forall r s, m r = m s -> r = s.
Hypothesis Kinds : forall r, is_position' (m r) = is_position r.

Definition agree (v : R -> Z) (v' : R' -> Z) : Prop := forall r, v r = v' (m r).

Lemma holds_renamed : forall l v v', agree v v' -> forall a, holds l v' (rename_atom m a) = holds l v a.
Proof. intros l v v' H [n|r ms|r]; simpl; rewrite <- ?H; auto. Qed.

Lemma map_agree : forall v v', agree v v' -> forall rs, map v' (map m rs) = map v rs.
Proof. intros v v' H rs. rewrite map_map. apply map_ext. intros; symmetry; apply H. Qed.

Lemma same_set_map : forall (A B : Type) (f : A -> B) a b, same_set a b -> same_set (map f a) (map f b).
Proof.
  intros A B f a b H y. rewrite !in_map_iff. split; intros (x & E & I); exists x; split; auto; apply H; auto.
Qed.

Lemma updated_same : forall l v v' r op op', agree v v' -> same_operation R R' m op op' ->
  updated is_position l v r op = updated is_position' l v' (m r) op'.
Proof.
  intros l v v' r op op' H S. destruct op as [| | |k of], op' as [| | |k' of']; simpl in *; try tauto.
  - rewrite Kinds; auto.
  - rewrite <- H; auto.
  - destruct S as [<- [S S']]. rewrite <- H. apply fold_max_same. intros x. rewrite !in_map_iff. split.
    + intros (rs & <- & I). destruct (S rs I) as (rs' & I' & E). exists rs'. split; auto.
      rewrite <- (map_agree v v' H). apply earliest_same. intros y. symmetry. apply (same_set_map _ _ v' _ _ E).
    + intros (rs' & <- & I). destruct (S' rs' I) as (rs & I' & E). exists rs. split; auto.
      rewrite <- (map_agree v v' H). apply earliest_same. apply (same_set_map _ _ v' _ _ E).
Qed.

Lemma apply_same : forall l v v' us us', agree v v' -> same_updates R R' m us us' ->
  agree (apply R eq_dec is_position l v us) (apply R' eq_dec' is_position' l v' us').
Proof.
  intros l v v' us us' H (ND & ND' & S & S') r.
  destruct (in_dec eq_dec r (map fst us)) as [I|I].
  - apply in_map_iff in I. destruct I as ([r0 op] & E & I). simpl in E. subst r0.
    destruct (S r op I) as (op' & I' & Same).
    rewrite (apply_updated R eq_dec is_position l v us ND r op I).
    rewrite (apply_updated R' eq_dec' is_position' l v' us' ND' (m r) op' I').
    now apply updated_same.
  - rewrite apply_other by auto. rewrite apply_other; [apply H|].
    intros I'. apply S' in I'. destruct I' as (r0 & I0 & E). apply Injective in E. subst. tauto.
Qed.
End Renamed.
